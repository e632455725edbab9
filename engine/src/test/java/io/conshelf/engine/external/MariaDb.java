package io.conshelf.engine.external;

import io.conshelf.engine.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// A MariaDB of its own in a temporary folder, on a free port of loopback, with a certificate that nobody vouches for.
final class MariaDb implements AutoCloseable {
    static final String PASSWORD = "it's;a=secret";
    private static final Path SERVER = Path.of("/usr/sbin/mariadbd");
    private static final Path INSTALLER = Path.of("/usr/bin/mariadb-install-db");

    private final Path folder;
    private final Process process;
    private final int port;

    private MariaDb(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /// Whether it is installed; where everything must run it has to be.
    static boolean isInstalled() {
        boolean isThere = Files.isExecutable(SERVER) && Files.isExecutable(INSTALLER);
        if (!isThere && "true".equals(System.getenv("CI"))) {
            throw new AssertionError("MariaDB is not installed: apt-get install mariadb-server");
        }
        return isThere;
    }

    static MariaDb start() throws IOException, GeneralSecurityException {
        Path folder = Files.createTempDirectory("conshelf-mariadb-");
        int port = Programs.freePort();
        String user = "--user=" + System.getProperty("user.name");
        String data = "--datadir=" + folder.resolve("data");
        Path log = folder.resolve("log");
        Programs.run(List.of(INSTALLER.toString(), "--no-defaults", data, user, "--skip-test-db", "--auth-root-authentication-method=normal"));
        certificate(folder);
        Path users = Files.writeString(folder.resolve("users.sql"), "CREATE DATABASE lab;\nCREATE USER lab IDENTIFIED BY '" + PASSWORD.replace("'", "''")
                + "';\nGRANT ALL ON *.* TO lab;\n");
        var process = new ProcessBuilder(SERVER.toString(), "--no-defaults", data, user, "--port=" + port, "--bind-address=127.0.0.1",
                "--socket=" + folder.resolve("socket"), "--pid-file=" + folder.resolve("pid"), "--init-file=" + users, "--skip-name-resolve",
                "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--ssl-cert=" + folder.resolve("cert.pem"),
                "--ssl-key=" + folder.resolve("key.pem")).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        var server = new MariaDb(folder, process, port);
        server.awaitReady(log);
        return server;
    }

    private static void certificate(Path folder) throws IOException, GeneralSecurityException {
        Path store = folder.resolve("store");
        String password = "of-a-test";
        Programs.run(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=127.0.0.1",
                "-ext", "san=ip:127.0.0.1", "-keystore", store.toString(), "-storepass", password));
        var keys = KeyStore.getInstance(store.toFile(), password.toCharArray());
        pem(folder.resolve("cert.pem"), "CERTIFICATE", keys.getCertificate("a").getEncoded());
        pem(folder.resolve("key.pem"), "PRIVATE KEY", keys.getKey("a", password.toCharArray()).getEncoded());
    }

    private static void pem(Path file, String what, byte[] content) throws IOException {
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + what + "-----\n");
    }

    private void awaitReady(Path log) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Programs.SECONDS_MAX);
        while (process.isAlive() && System.nanoTime() < end) {
            try (var connection = connect()) {
                if (connection.isValid(Programs.SECONDS_MAX)) {
                    return;
                }
            } catch (SQLException _) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        throw new AssertionError("MariaDB does not start: " + Files.readString(log));
    }

    /// As a command names it.
    String connectionString() {
        return "Server=127.0.0.1; Port = " + port + ";Database=lab;UID=lab;Pwd=\"" + PASSWORD + "\";";
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/lab", "lab", PASSWORD);
    }

    void execute(String... statements) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /// The first cell of each row.
    List<String> rows(String sql) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var texts = new ArrayList<String>();
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
            return texts;
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        if (!Programs.isEnded(process)) {
            process.destroyForcibly();
        }
        Folders.delete(folder);
    }
}
