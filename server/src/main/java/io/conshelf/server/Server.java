package io.conshelf.server;

import io.conshelf.engine.Engine;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.LocalCalls;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.FolderLock;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.server.audit.AuditLog;
import io.conshelf.server.backup.ClusterBackup;
import io.conshelf.server.identity.SignIn;
import io.conshelf.server.ingest.DataManagement;
import io.conshelf.server.ingest.LentStorage;
import io.conshelf.server.ingest.Membership;
import io.conshelf.server.ingest.OwnStorage;
import io.conshelf.server.ingest.StagedBlobs;
import io.conshelf.server.management.KustoManagement;
import io.conshelf.server.management.ResourceGroups;
import io.conshelf.server.page.OwnPages;
import io.conshelf.server.service.HostedService;
import io.conshelf.server.service.KeySeal;
import io.conshelf.server.storage.ClientHosts;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.tls.ServerCertificate;
import io.conshelf.server.vault.Vaults;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;

/// A running cluster with its network: the engine, data management and storage services behind one port.
public final class Server implements AutoCloseable {
    private static final InstantSource CLOCK = InstantSource.system();

    private final WebServer web;
    private final Engine engine;
    private final Listening listening;
    private final Opened opened;
    private final Optional<SignIn> signIn;
    private final Optional<SignIn.ManagedIdentityEndpoint> managedIdentity;

    private Server(WebServer web, Engine engine, Listening listening, Opened opened, Optional<SignIn> signIn) {
        this.web = web;
        this.engine = engine;
        this.listening = listening;
        this.opened = opened;
        this.signIn = signIn;
        this.managedIdentity = signIn.map(this::served);
    }

    private SignIn.ManagedIdentityEndpoint served(SignIn people) {
        try {
            return people.serveAt(uri());
        } catch (IOException e) {
            throw new UncheckedIOException("Could not write to " + people.folder(), e);
        }
    }

    /// Opens the data, listens, and returns when requests are answered.
    ///
    /// @throws IllegalArgumentException when the configuration asks for what is not offered; the message says why
    public static Server start(ServerConfig config) {
        return start(config, List.of());
    }

    /// With services beside the cluster.
    public static Server start(ServerConfig config, List<HostedService.Opening> openings) {
        return start(config, openings, Optional.empty());
    }

    /// With an account elsewhere in place of the server's own storage for what clients of queued ingestion and exports are lent.
    ///
    /// @param account closed with the server
    public static Server start(ServerConfig config, List<HostedService.Opening> openings, Optional<LentStorage> account) {
        Listening listening = Listening.of(config);
        listening.checkAreFree();
        PrivateFolders.requireApart(config);
        // Told here by the process that has the folder; the locks of its files know no process.
        config.data().ifPresent(folder -> FolderLock.take(folder).close());
        Optional<Path> temporary = config.data().isPresent() ? Optional.empty() : Optional.of(temporaryFolder());
        var opened = new Opened();
        temporary.ifPresent(folder -> opened.add(() -> delete(folder)));
        try {
            temporary.ifPresent(folder -> PrivateFolders.requireApart(config, folder));
            var origins = new Origins(listening.names(), new OwnPages(config.origins()));
            Optional<ServerCertificate> certificate = config.tls().map(tls -> tls.certificate(listening.names(), config.accountHosts().names()));
            SigningKey key = signingKey(config);
            Storage storage = opened.add(storage(config, temporary, key, origins));
            Engine engine = opened.add(Engine.open(new EngineConfig(
                    config.data(),
                    storage.blobs().contentFolder(),
                    config.allowedFolders(),
                    config.databases(),
                    config.engineLimits(),
                    CLOCK,
                    config.live(),
                    localCalls(config, account)),
                    new OwnStorage(storage, config.auth() == ServerConfig.Auth.NONE
                            ? OwnStorage.Identities.TRUSTED : OwnStorage.Identities.REFUSED),
                    opened.add(new WebCaller())));
            Function<String, ServiceDocuments> documents = service -> documents(config, engine, key, service);
            Optional<SignIn> signIn = signIn(config, temporary, engine, documents.apply("identity"), origins).map(opened::add);
            var metrics = new Metrics();
            var connections = new Connections(config.limits().connectionsMax());
            metrics.gauge("conshelf.connections.refused", "Connections that were closed as they came, as their address had as many as it may",
                    connections::turnedAway);
            Clients clients = opened.add(new Clients(connections));
            DataManagement management = opened.add(DataManagement.start(
                    engine,
                    storage,
                    opened.add(account.orElseGet(() -> LentStorage.own(storage))),
                    Base64.getDecoder().decode(key.base64()),
                    new DataManagement.Options(
                            config.limits().identityTokenLifetime(),
                            config.limits().storageUriLifetime(),
                            config.limits().attemptsMax(),
                            config.limits().deliveriesMax(),
                            config.limits().messageBytesMax()),
                    (outcome, rows, bytes) -> metrics.ingested("queued", outcome, rows, bytes),
                    members(signIn),
                    CLOCK));
            metrics.gauge("conshelf.queries.running", "Queries and commands running", () -> engine.runningQueries().size());
            metrics.gauge("conshelf.ingestion.queued.sources", "Queued sources in hand", management::sourcesInHand);
            AuditLog auditLog = opened.add(audit(config.data().or(() -> temporary).orElseThrow().resolve("audit")));
            metrics.gauge("conshelf.audit.missing", "Lines that the audit log should have and could not be written", auditLog::missing);
            var audit = new AuditTrail(auditLog, CLOCK);
            var services = new ArrayList<HostedService>();
            services.add(opened.add(Vaults.open(documents.apply("vaults"), CLOCK)));
            services.add(new StorageKeys(storage));
            var resources = new KustoManagement(engine, documents.apply("kusto-management"), CLOCK);
            services.add(resources);
            services.add(new ResourceGroups(documents.apply("resource-groups")));
            for (HostedService.Opening opening : openings) {
                services.add(opened.add(opening.how().apply(documents.apply(opening.store()))));
            }
            services.forEach(service -> metrics.service(service::metrics));
            var strangers = new StrangerLimits(config.limits().requestsPerMinuteOfAddress(), System::nanoTime);
            var door = new FrontDoor(
                    authenticator(signIn, engine, audit),
                    origins,
                    new ExplorerPages(config.explorer(), config.auth() == ServerConfig.Auth.NONE),
                    audit,
                    config.limits(),
                    strangers,
                    metrics,
                    new Queries(engine, management, config.limits(), metrics, clients, audit),
                    new StreamingIngest(engine, new StagedBlobs(storage), config.limits(), metrics, resources::isStreamingEnabled),
                    new QueuedRest(management.operations(), config.limits()),
                    new BackupRest(
                            new ClusterBackup(engine, storage, config.data(), config.allowedFolders()), engine, config.limits()),
                    new HostedRest(services, new CommandsOf(engine, audit), config.limits()),
                    management::isWorking,
                    CLOCK);
            WebServer web = listening.open(
                    config.limits(), certificate, door, storage.routes(new StorageDenials(audit, strangers), config.limits().concurrentRequests()), clients);
            opened.add(web::stop);
            var server = new Server(web, engine, listening, opened, signIn);
            for (HostedService service : services) {
                // What it ends may still need the cluster, so it goes before the door closes.
                opened.add(service);
                service.started(server.asFound());
            }
            storage.blobs().tell(new HostedBlobs(services));
            return server;
        } catch (RuntimeException | Error e) {
            opened.closeAfter(e);
            throw e;
        }
    }

    public int port() {
        return web.port();
    }

    /// Where clients find it: `http://localhost:8080`.
    public URI uri() {
        return URI.create("http://" + listening.name() + ":" + port());
    }

    /// Where clients find it by https: `https://localhost:8443`. Absent without TLS.
    public Optional<URI> secureUri() {
        return listening.secure().map(_ -> URI.create("https://" + listening.secureName() + ":" + Listening.securePort(web)));
    }

    /// Where tokens for the identity of this machine come from; absent where nobody needs one.
    public Optional<SignIn.ManagedIdentityEndpoint> managedIdentity() {
        return managedIdentity;
    }

    /// Where the files are that people and programs sign in with; absent where nobody signs in.
    public Optional<Path> credentialsFolder() {
        return signIn.map(SignIn::folder);
    }

    private HostedService.Cluster asFound() {
        return new HostedService.Cluster(
                uriForThisMachine(),
                managedIdentity.map(identity -> identity.endpoint().toString()).orElse(""),
                managedIdentity.map(SignIn.ManagedIdentityEndpoint::header).orElse(""),
                new HostedIdentities(engine, signIn.map(SignIn::applications), CLOCK));
    }

    // The clients of the runners drop tokens on `localhost`.
    private URI uriForThisMachine() {
        return URI.create(uri().toString().replaceFirst("//localhost:", "//127.0.0.1:"));
    }

    /// The columns of a file in a folder that the server may read, told from its content.
    ///
    /// @param format the service's name of the file's format
    /// @throws IllegalArgumentException when the content is not of that format
    public List<ColumnSchema> inferSchema(Path file, String format) {
        try {
            return engine.inferSchema(file, format);
        } catch (KustoException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// For those who live in the same process.
    Engine engine() {
        return engine;
    }

    /// Stops listening, ends what runs, and seals what was acknowledged. Doing it twice does nothing more.
    @Override
    public void close() {
        opened.close();
    }

    /// What was opened so far, to be closed in the opposite order.
    private static final class Opened {
        private final Deque<AutoCloseable> parts = new ArrayDeque<>();

        synchronized <T extends AutoCloseable> T add(T part) {
            parts.push(part);
            return part;
        }

        synchronized void close() {
            RuntimeException failure = null;
            while (!parts.isEmpty()) {
                try {
                    parts.pop().close();
                } catch (Exception e) {
                    if (failure == null) {
                        failure = new IllegalStateException("The server did not stop cleanly: " + e.getMessage(), e);
                    } else {
                        failure.addSuppressed(e);
                    }
                }
            }
            if (failure != null) {
                throw failure;
            }
        }

        void closeAfter(Throwable cause) {
            try {
                close();
            } catch (RuntimeException e) {
                cause.addSuppressed(e);
            }
        }
    }

    private static LocalCalls localCalls(ServerConfig config, Optional<LentStorage> account) {
        return switch (config.auth()) {
            case NONE -> LocalCalls.OPEN;
            case ENTRA -> {
                var permitted = new HashSet<>(config.live());
                account.ifPresent(elsewhere -> permitted.addAll(elsewhere.servers()));
                yield LocalCalls.byPolicy(permitted);
            }
        };
    }

    private static SigningKey signingKey(ServerConfig config) {
        if (config.data().isEmpty()) {
            return SigningKey.random();
        }
        try {
            return SigningKey.loadOrCreate(config.data().get().resolve("storage.key"));
        } catch (IOException e) {
            throw new UncheckedIOException("Could not read or create the storage key in " + config.data().get(), e);
        }
    }

    /// What a service keeps, sealed where it stays behind on a disk: keys, passwords and definitions that hold them are among it.
    private static ServiceDocuments documents(ServerConfig config, Engine engine, SigningKey key, String service) {
        ServiceDocuments documents = engine.documentsOf(service);
        return config.data().isEmpty() ? documents : documents.sealedWith(new KeySeal(key.derived("documents of services")));
    }

    private static Storage storage(ServerConfig config, Optional<Path> temporary, SigningKey key, Origins origins) {
        var hosts = new ClientHosts(origins.names(), config.accountHosts(), origins.pages());
        try {
            return Storage.open(
                    temporary.map(folder -> Storage.Options.inMemory(folder, key))
                            .orElseGet(() -> Storage.Options.durable(config.data().orElseThrow().resolve("storage"), key))
                            .with(hosts)
                            .with(config.auth() == ServerConfig.Auth.NONE ? Storage.Accounts.ANY_NAME : Storage.Accounts.OWN_KEYS)
                            .with(CLOCK));
        } catch (IOException e) {
            throw new UncheckedIOException("Could not open the storage: " + e.getMessage(), e);
        }
    }

    private static Optional<SignIn> signIn(
            ServerConfig config, Optional<Path> temporary, Engine engine, ServiceDocuments documents, Origins origins) {
        return switch (config.auth()) {
            case NONE -> Optional.empty();
            case ENTRA -> {
                Path folder = config.data().or(() -> temporary).orElseThrow();
                try {
                    yield Optional.of(SignIn.open(documents, folder, CLOCK, config.signIn(), cluster(engine, origins), new FailedSignIns(System::nanoTime),
                            FailedSignIns.codes(System::nanoTime)));
                } catch (IOException e) {
                    throw new UncheckedIOException("Could not write the administrator's credentials to " + folder, e);
                }
            }
        };
    }

    private static SignIn.Cluster cluster(Engine engine, Origins origins) {
        return new SignIn.Cluster() {
            @Override
            public void administer(String principal) {
                Server.administer(engine, principal);
            }

            @Override
            public boolean isAdministered(List<String> principals, Optional<String> tenant) {
                return engine.administrators().stream().anyMatch(named ->
                        principals.stream().anyMatch(one -> Authorization.names(named, new Principal(one, one, false)))
                                // One that is written without its tenant may be somebody of it.
                                || tenant.filter(id -> !named.contains(";") || named.toLowerCase(Locale.ROOT).endsWith(";" + id.toLowerCase(Locale.ROOT))).isPresent());
            }

            @Override
            public void forget(String principal) {
                engine.forget(new Principal(principal, principal, false));
            }

            @Override
            public boolean isName(String host) {
                return origins.knows(host);
            }
        };
    }

    private static Membership members(Optional<SignIn> signIn) {
        return signIn.<Membership>map(people -> new Membership() {
            @Override
            public boolean isLetIn(Principal principal) {
                return people.isLetIn(principal);
            }

            @Override
            public boolean hasAccount(String id) {
                return people.hasAccount(id);
            }
        }).orElse(Membership.EVERYBODY);
    }

    private static void administer(Engine engine, String administrator) {
        var request = new Request(
                Principal.LOCAL_ADMINISTRATOR, "", "first start", UUID.randomUUID(), Map.of(), Map.of(), "conshelf", "", CLOCK.instant(),
                engine.limits().timeoutMax(), false);
        engine.command(request, ".add cluster AllDatabasesAdmins ('" + administrator + "') 'made with the cluster'").close();
    }

    private static Authenticator authenticator(Optional<SignIn> signIn, Engine engine, AuditTrail audit) {
        return signIn.<Authenticator>map(people -> new TokenAuthenticator(
                        people, new IdentityRest(people, audit), engine::withClusterRoles))
                .orElseGet(Authenticator::open);
    }

    private static AuditLog audit(Path folder) {
        try {
            return AuditLog.open(folder, AuditLog.Limits.DEFAULT, CLOCK);
        } catch (IOException e) {
            throw new UncheckedIOException("Could not make the folder of the audit log, " + folder, e);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("conshelf-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Could not delete the temporary folder " + folder, e);
        }
    }
}
