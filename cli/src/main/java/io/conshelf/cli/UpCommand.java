package io.conshelf.cli;

import io.conshelf.cli.account.AccountStorage;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.ingest.LentStorage;
import io.conshelf.server.service.HostedService;
import io.conshelf.server.tls.Tls;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `conshelf up`: every service in one process until it is told to stop.
@Command(
        name = "up",
        description = "Starts a cluster and serves until Ctrl-C or SIGTERM.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Runnable {
    private static final int PORT_MAX = 65_535;

    private static final int TLS_PORT = 8443;

    @Option(names = "--port", description = "where to listen; 0 picks a free port (default: ${DEFAULT-VALUE})", defaultValue = "8080")
    private int port;

    @Option(names = "--host", description = "where to listen (default: ${DEFAULT-VALUE}); beyond loopback https only, with --auth entra and --tls",
            defaultValue = "127.0.0.1")
    private String host;

    @Option(names = "--tls", description = "https beside http, with a certificate of this machine's own authority: conshelf cert tells how to trust it")
    private boolean isSecure;

    @Option(names = "--tls-port", paramLabel = "PORT", description = "where https is (default: 8443, or a free one with --port 0)")
    private Optional<Integer> securePort;

    @Option(names = "--certificate", paramLabel = "FILE", description = "the certificate of https, as PEM, and those that issued it; with --key")
    private Optional<Path> certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "the key of --certificate, as PEM")
    private Optional<Path> key;

    @Option(names = "--host-name", paramLabel = "NAME", description = "a name beside localhost that clients use, for Host headers and the certificate; may repeat")
    private List<String> hostNames = new ArrayList<>();

    @Option(names = "--data", paramLabel = "DIR", description = "where data lives; without it everything is in memory")
    private Optional<Path> data;

    @Option(names = "--database", paramLabel = "NAME", description = "a database to create where it does not exist; may repeat")
    private List<String> databases = new ArrayList<>();

    @Option(names = "--auth", paramLabel = "MODE", description = "none or entra (default: ${DEFAULT-VALUE})", defaultValue = "none")
    private ServerConfig.Auth auth;

    @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders")
    private Optional<Path> config;

    @Override
    public void run() {
        checkPort("--port", port);
        securePort.ifPresent(https -> checkPort("--tls-port", https));
        var settings = Settings.read(config);
        var server = start(settings.apply(serverConfig()).withKeptApart(settings.keptApart()), List.of(HostedFactory.opening(settings), HostedStreams.opening(settings, data),
                HostedProcessor.opening(settings, data)), settings.storage().<LentStorage>map(AccountStorage::new));
        var stopped = new CountDownLatch(1);
        // A signal runs the shutdown hooks and then ends with 128 + its number; a clean stop is to end with 0.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            System.out.flush();
            stopped.countDown();
            Runtime.getRuntime().halt(0);
        }, "stop"));
        if (data.isEmpty()) {
            System.err.println("conshelf: data is in memory and ends with this process; --data DIR keeps it");
        }
        server.credentialsFolder().ifPresent(folder -> System.err.println("conshelf: everyone signs in; who may is told in " + folder
                + ": administrator.env (made on the first start) and identity.env"));
        System.out.println("ready http://localhost:" + server.port() + server.secureUri().map(https -> " " + https).orElse(""));
        System.out.flush();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ServerConfig serverConfig() {
        var local = ServerConfig.local().withHost(host).withPort(port).withDatabases(databases).withAuth(auth).withHostNames(Set.copyOf(hostNames));
        local = tls().map(local::withTls).orElse(local);
        return data.map(local::withData).orElse(local);
    }

    private Optional<Tls> tls() {
        if (certificate.isPresent() != key.isPresent()) {
            throw new CommandFailure("--certificate and --key belong together: " + (key.isPresent() ? "--certificate" : "--key") + " is missing");
        }
        if (!isSecure && certificate.isEmpty()) {
            if (securePort.isPresent()) {
                throw new CommandFailure("--tls-port is where https is: add --tls, or --certificate and --key");
            }
            return Optional.empty();
        }
        return Optional.of(new Tls(securePort.orElse(port == 0 ? 0 : TLS_PORT), certificate
                .<Tls.Source>map(given -> new Tls.Given(given, key.orElseThrow()))
                .orElseGet(() -> new Tls.Local(CertCommand.folder(data)))));
    }

    private static void checkPort(String option, int port) {
        if (port < 0 || port > PORT_MAX) {
            throw new CommandFailure(option + " " + port + " is no port: choose one between 1 and " + PORT_MAX + ", or 0 for any that is free");
        }
    }

    static Server start(ServerConfig config) {
        return start(config, List.of(), Optional.empty());
    }

    private static Server start(ServerConfig config, List<HostedService.Opening> services, Optional<LentStorage> account) {
        try {
            return Server.start(config, services, account);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(e.getMessage(), e);
        } catch (RuntimeException e) {
            // What a data folder or a name is wrong with is told in a sentence; anything else is ours and shows its trace.
            if (e instanceof IllegalStateException || e instanceof UncheckedIOException || e.getClass().getName().endsWith("KustoException")) {
                throw new CommandFailure("the cluster does not start: " + sentences(e), e);
            }
            throw e;
        }
    }

    private static String sentences(Throwable failure) {
        var told = new LinkedHashSet<String>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional.ofNullable(cause.getMessage()).flatMap(m -> m.lines().findFirst()).ifPresent(told::add);
        }
        return told.isEmpty() ? failure.toString() : told.getFirst();
    }
}
