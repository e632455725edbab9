package io.conshelf.engine.external;

import io.conshelf.engine.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A PostgreSQL of its own in a temporary folder, on a free port of loopback. It refuses to run as root, so there it runs as
/// the user that the package makes.
public final class Postgres implements AutoCloseable {
    public static final String USER = "lab";
    public static final String PASSWORD = "it's;a=secret";

    private final Path folder;
    private final Path bin;
    private final int port;

    private Postgres(Path folder, Path bin, int port) {
        this.folder = folder;
        this.bin = bin;
        this.port = port;
    }

    /// Whether it is installed; where everything must run it has to be.
    public static boolean isInstalled() {
        boolean isThere = binaries().isPresent();
        if (!isThere && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("PostgreSQL is not installed: apt-get install postgresql");
        }
        return isThere;
    }

    private static Optional<Path> binaries() {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions)) {
            return Optional.empty();
        }
        try (Stream<Path> found = Files.list(versions)) {
            return found.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    public static Postgres start() throws IOException {
        Path folder = Files.createTempDirectory("conshelf-postgres-");
        int port = Programs.freePort();
        var server = new Postgres(folder, binaries().orElseThrow(), port);
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        if (isRoot()) {
            Programs.run(List.of("chown", "-R", "postgres", folder.toString()));
        }
        server.own("initdb", "-D", folder.resolve("data").toString(), "-U", "lab", "--pwfile=" + password, "-A", "scram-sha-256",
                "-E", "UTF8", "--no-locale", "--no-sync");
        server.own("pg_ctl", "-D", folder.resolve("data").toString(), "-w", "-l", folder.resolve("log").toString(), "-o",
                "-p " + port + " -h 127.0.0.1 -k " + folder + " -F", "start");
        return server;
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private void own(String program, String... arguments) throws IOException {
        var command = new ArrayList<String>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        Programs.run(command);
    }

    public int port() {
        return port;
    }

    /// As a command names it, in the form of Npgsql.
    public String connectionString() {
        return "Host=127.0.0.1;Port=" + port + ";Database=postgres;User ID=lab;Password=\"" + PASSWORD + "\"";
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "lab", PASSWORD);
    }

    public void execute(String sql) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// All cells as text, joined by a bar.
    public List<String> rows(String sql) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                var cells = new ArrayList<String>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    cells.add(String.valueOf(rows.getString(i)));
                }
                texts.add(String.join("|", cells));
            }
            return texts;
        }
    }

    @Override
    public void close() throws IOException {
        own("pg_ctl", "-D", folder.resolve("data").toString(), "-m", "immediate", "stop");
        if (isRoot()) {
            Programs.run(List.of("rm", "-rf", folder.toString()));
        } else {
            Folders.delete(folder);
        }
    }
}
