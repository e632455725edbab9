package io.conshelf.server.identity;

import io.conshelf.engine.Principal;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// Everything that lets people and programs sign in to this cluster. On the first start, and where nobody is left who could
/// administer the cluster, it makes an administrator, whose credentials are written to a file for the owner of the folder alone;
/// on the first start an identity for this machine, too.
public final class SignIn implements AutoCloseable {
    /// The file with the administrator's credentials, as environment variables of the Azure clients.
    public static final String ADMINISTRATOR_FILE = "administrator.env";
    /// The file with what a program on this machine needs for the machine's identity, likewise.
    public static final String IDENTITY_FILE = "identity.env";

    private static final String HEADER_KEY = "identity-header";
    private static final int HEADER_BYTES = 32;

    private final Applications applications;
    private final People people;
    private final Tokens tokens;
    private final TokenRequests requests;
    private final PersonSignIn personSignIn;
    private final SecretChecks checks;
    private final SignInOptions options;
    private final String identityHeader;
    private final Path folder;

    /// Where a managed identity's tokens come from, and what whoever asks must know.
    public record ManagedIdentityEndpoint(URI endpoint, String header) {
        @Override
        public String toString() {
            return "ManagedIdentityEndpoint[" + endpoint + "]";
        }
    }

    /// The cluster that is signed in to. Principals are named in full.
    public interface Cluster {
        /// Makes one the administrator of the cluster.
        void administer(String principal);

        /// Whether one of these, or somebody of the tenant, administers the cluster.
        boolean isAdministered(List<String> principals, Optional<String> tenant);

        /// Takes away what one was granted whose account was removed.
        void forget(String principal);

        /// Whether a host is one under which the server is reached.
        boolean isName(String host);
    }

    /// @param folder  where the files go
    /// @param cluster is told, once, the principal that is to administer it, and those that are no more
    /// @param brake   how often secrets may be wrong
    /// @param codes   how often codes may be wrong that people type in for a device
    public static SignIn open(
            ServiceDocuments documents, Path folder, InstantSource clock, SignInOptions options, Cluster cluster, SecretChecks.Brake brake,
            SecretChecks.Brake codes) throws IOException {
        var departures = new Departures(documents, cluster::forget);
        departures.endAll();
        var applications = new Applications(documents, departures);
        var signIn = new SignIn(applications, documents, folder, clock, options, departures, new SecretChecks(brake),
                new ClientAssertions(cluster::isName, clock), codes);
        if (applications.managed("").isEmpty()) {
            applications.register(Applications.Wish.named("this machine", Application.Kind.SYSTEM_ASSIGNED));
        }
        if (!cluster.isAdministered(signIn.accounts(), options.tenant().map(TrustedTenant::id))) {
            var wish = new Applications.Wish(
                    applications.free("administrator"), Application.Kind.APPLICATION, UUID.randomUUID().toString(), applications.tenant(), Applications.newSecret());
            // Registered last, so that a start that is cut off before makes another one, and none is left that nobody can be.
            cluster.administer("aadapp=" + wish.id() + ";" + wish.tenant());
            signIn.write(ADMINISTRATOR_FILE, """
                    # Signs in as the administrator of this cluster. Nothing else knows the secret; delete the file when you have kept it.
                    AZURE_TENANT_ID=%s
                    AZURE_CLIENT_ID=%s
                    AZURE_CLIENT_SECRET=%s
                    """.formatted(wish.tenant(), wish.id(), wish.secret()));
            applications.register(wish);
        }
        return signIn;
    }

    private SignIn(
            Applications applications, ServiceDocuments documents, Path folder, InstantSource clock, SignInOptions options, Departures departures,
            SecretChecks checks, ClientAssertions assertions, SecretChecks.Brake codes) {
        this.applications = applications;
        this.people = new People(documents, checks, departures, applications.tenant(), clock);
        this.checks = checks;
        this.identityHeader = header(documents);
        this.folder = folder;
        this.options = options;
        var issuer = new TokenIssuer(applications, people, documents, clock);
        this.tokens = new Tokens(issuer, options.tenant().map(tenant -> new TrustedTokens(tenant, clock)));
        var grants = new PersonGrants(people, issuer, new RefreshTokens(documents, people, clock), applications.tenant(), clock);
        this.personSignIn = new PersonSignIn(people, grants, codes, applications.tenant());
        this.requests = new TokenRequests(applications, issuer, grants, checks, assertions, identityHeader, clock);
    }

    private static String header(ServiceDocuments documents) {
        return Optional.ofNullable(documents.all(Applications.COLLECTION).get(HEADER_KEY)).map(kept -> kept.substring(1, kept.length() - 1)).orElseGet(() -> {
            byte[] bytes = new byte[HEADER_BYTES];
            new SecureRandom().nextBytes(bytes);
            String made = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            documents.change(List.of(new Change.Put(Applications.COLLECTION, HEADER_KEY, '"' + made + '"')));
            return made;
        });
    }

    private List<String> accounts() {
        return Stream.concat(
                applications.all().stream().map(Application::fullyQualifiedName),
                people.all().stream().map(person -> person.fullyQualifiedName(applications.tenant()))).toList();
    }

    public Applications applications() {
        return applications;
    }

    public People people() {
        return people;
    }

    public Tokens tokens() {
        return tokens;
    }

    /// Whether somebody who came in earlier may still come in.
    public boolean isLetIn(Principal principal) {
        return principal.account().isEmpty()
                ? options.tenant().filter(trusted -> principal.fullyQualifiedName().toLowerCase(Locale.ROOT).endsWith(";" + trusted.id().toLowerCase(Locale.ROOT))).isPresent()
                : hasAccount(principal.account());
    }

    /// Whether there is an account.
    ///
    /// @param id what the service calls object id
    public boolean hasAccount(String id) {
        return applications.isThere(id) || people.isThere(id);
    }

    public PersonSignIn personSignIn() {
        return personSignIn;
    }

    public SignInOptions options() {
        return options;
    }

    public TokenRequests requests() {
        return requests;
    }

    /// Where the files are.
    public Path folder() {
        return folder;
    }

    /// For programs of this machine, once it is known where they find the server.
    public ManagedIdentityEndpoint serveAt(URI server) throws IOException {
        var endpoint = new ManagedIdentityEndpoint(server.resolve("/msi/token"), identityHeader);
        write(IDENTITY_FILE, """
                # What a program needs to sign in as the identity of this machine.
                IDENTITY_ENDPOINT=%s
                IDENTITY_HEADER=%s
                """.formatted(endpoint.endpoint(), endpoint.header()));
        return endpoint;
    }

    private void write(String name, String text) throws IOException {
        Path staged = folder.resolve(name + ".new");
        Files.deleteIfExists(staged);
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(staged, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(staged, text.getBytes(StandardCharsets.UTF_8));
        Files.move(staged, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        checks.close();
    }

    @Override
    public String toString() {
        return "SignIn[" + folder + "]";
    }
}
