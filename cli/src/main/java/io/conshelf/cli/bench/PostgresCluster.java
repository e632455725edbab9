package io.conshelf.cli.bench;

import io.conshelf.cli.TemporaryFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A PostgreSQL of our own for as long as it is compared with: a fresh cluster in a temporary folder, with the settings it
/// comes with (durable commits), on a free port of this machine.
final class PostgresCluster implements AutoCloseable {
    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final String USER = "postgres";
    private static final long START_SECONDS_MAX = 60;

    private final Path folder;
    private final Process process;
    private final int port;
    private final String password;

    private PostgresCluster(Path folder, Process process, int port, String password) {
        this.folder = folder;
        this.process = process;
        this.port = port;
        this.password = password;
    }

    /// @throws Benchmark.MissingPeer when PostgreSQL is not installed
    static PostgresCluster start() throws IOException, SQLException, InterruptedException {
        Path programs = programs().orElseThrow(() -> new Benchmark.MissingPeer(
                "it compares with PostgreSQL, which is not here: install it (Debian package postgresql)"));
        var folder = Files.createTempDirectory("conshelf-bench-postgres-");
        var password = UUID.randomUUID().toString();
        try {
            var secret = Files.writeString(folder.resolve("password"), password);
            var prefix = new ArrayList<String>();
            if (System.getProperty("user.name").equals("root")) {
                // PostgreSQL refuses to run as root.
                prefix.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--init-groups"));
                var owner = folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
                Files.setOwner(folder, owner);
                Files.setOwner(secret, owner);
            }
            Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
            var data = folder.resolve("data").toString();
            var log = folder.resolve("log").toFile();
            var init = program(prefix, programs, "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256",
                    "--pwfile=" + secret, "--encoding=UTF8", "--locale=C");
            var made = new ProcessBuilder(init).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(log).start();
            if (made.waitFor() != 0) {
                throw new IOException("initdb failed: " + Files.readString(log.toPath()));
            }
            int port = freePort();
            var serve = program(prefix, programs, "postgres", "-D", data, "-p", Integer.toString(port),
                    "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");
            var process = new ProcessBuilder(serve).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start();
            var cluster = new PostgresCluster(folder, process, port, password);
            cluster.awaitReady(log.toPath());
            return cluster;
        } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
            TemporaryFolder.delete(folder);
            throw e;
        }
    }

    private static List<String> program(List<String> prefix, Path programs, String name, String... arguments) {
        var command = new ArrayList<>(prefix);
        command.add(programs.resolve(name).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /// Where the newest of the installed versions has its programs.
    private static Optional<Path> programs() throws IOException {
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                var newest = versions.map(version -> version.resolve("bin"))
                        .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                        .max(Comparator.comparing(Path::toString));
                if (newest.isPresent()) {
                    return newest;
                }
            }
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(Path::of)
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("postgres")))
                .findFirst();
    }

    private static int freePort() throws IOException {
        try (var probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private void awaitReady(Path log) throws IOException, SQLException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (true) {
            try {
                connect().close();
                return;
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > until) {
                    process.destroy();
                    throw new IOException("PostgreSQL did not start: " + Files.readString(log), e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    int port() {
        return port;
    }

    String user() {
        return USER;
    }

    String password() {
        return password;
    }

    Connection connect() throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
    }

    String name() throws SQLException {
        try (var connection = connect()) {
            return "PostgreSQL " + connection.getMetaData().getDatabaseProductVersion().split(" ")[0];
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        TemporaryFolder.delete(folder);
    }
}
