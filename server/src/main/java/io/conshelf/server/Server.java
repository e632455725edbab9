package io.conshelf.server;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.helidon.http.DirectHandler;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// A running cluster with its network: the engine, data management and storage services behind one port.
public final class Server implements AutoCloseable {
    private static final Duration GRACE = Duration.ofMillis(500);

    private final WebServer web;
    private final Engine engine;
    private final String host;
    private final Optional<Path> temporaryFolder;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Server(WebServer web, Engine engine, String host, Optional<Path> temporaryFolder) {
        this.web = web;
        this.engine = engine;
        this.host = host;
        this.temporaryFolder = temporaryFolder;
    }

    /// Opens the data, listens, and returns when requests are answered.
    ///
    /// @throws IllegalArgumentException when the configuration asks for what is not offered; the message says why
    public static Server start(ServerConfig config) {
        InetAddress address = loopback(config.host());
        Authenticator authenticator = authenticator(config.auth());
        Optional<Path> temporary = config.data().isPresent() ? Optional.empty() : Optional.of(temporaryFolder());
        Path staging = config.data().map(data -> data.resolve("staging")).or(() -> temporary).orElseThrow();
        Engine engine = Engine.open(new EngineConfig(
                config.data(),
                staging,
                config.allowedFolders(),
                config.databases(),
                config.engineLimits(),
                InstantSource.system()));
        try {
            var metrics = new Metrics();
            metrics.gauge("conshelf.queries.running", "Queries and commands running", () -> engine.runningQueries().size());
            var door = new FrontDoor(
                    authenticator,
                    new Origins(config.hostNames()),
                    config.limits(),
                    metrics,
                    new Queries(engine, config.limits(), metrics),
                    new StreamingIngest(engine, metrics),
                    InstantSource.system());
            WebServer web = listen(config, address, door);
            return new Server(web, engine, config.host(), temporary);
        } catch (RuntimeException | Error e) {
            engine.close();
            temporary.ifPresent(Server::delete);
            throw e;
        }
    }

    public int port() {
        return web.port();
    }

    /// Where clients find it: `http://localhost:8080`.
    public URI uri() {
        String name = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        return URI.create("http://" + name + ":" + port());
    }

    /// For those who live in the same process.
    public Engine engine() {
        return engine;
    }

    /// Stops listening, ends what runs, and seals what was acknowledged. Doing it twice does nothing more.
    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        try {
            web.stop();
        } finally {
            engine.close();
            temporaryFolder.ifPresent(Server::delete);
        }
    }

    private static WebServer listen(ServerConfig config, InetAddress address, FrontDoor door) {
        var refusals = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            refusals.addHandler(type, new TransportRefusals());
        }
        var http = Http1Config.builder()
                .maxHeadersSize(config.limits().headersBytesMax())
                .maxPrologueLength(config.limits().requestLineBytesMax())
                // Names of databases and tables come unencoded from some clients.
                .validatePath(false)
                .build();
        return WebServer.builder()
                .address(address)
                .port(config.port())
                .shutdownHook(false)
                .shutdownGracePeriod(GRACE)
                .contentEncoding(ContentEncodingContext.builder()
                        .contentEncodingsDiscoverServices(false)
                        .addContentEncoding(new RawEncodings())
                        .build())
                .protocolsDiscoverServices(false)
                .addProtocol(http)
                .directHandlers(refusals.build())
                .routing(HttpRouting.builder().any(door))
                .build()
                .start();
    }

    private static InetAddress loopback(String host) {
        String plain = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        try {
            InetAddress address = InetAddress.getByName(plain);
            if (address.isLoopbackAddress()) {
                return address;
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("The host '" + host + "' has no address", e);
        }
        throw new IllegalArgumentException("The host '" + host + "' is not this machine's loopback; only 127.0.0.1, ::1 and"
                + " localhost are served until both authentication and TLS are there");
    }

    private static Authenticator authenticator(ServerConfig.Auth auth) {
        return switch (auth) {
            case NONE -> Authenticator.open();
            case ENTRA -> throw new IllegalArgumentException(
                    "Authentication 'entra' is not supported yet; start with 'none'");
        };
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
