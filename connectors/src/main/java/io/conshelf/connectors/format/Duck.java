package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;

/// DuckDB as a reader and writer of files: in memory, with little of it, and spilling to the temporary folder.
final class Duck {
    private static final String MEMORY = "256MB";

    private static final AtomicLong NUMBER = new AtomicLong();
    private static Optional<Path> spill = Optional.empty();

    private Duck() {}

    static Connection open(String what) throws StoreException {
        return open(what, "");
    }

    /// @param database the file it works in; "" for memory
    static Connection open(String what, String database) throws StoreException {
        Properties settings = new Properties();
        settings.setProperty("jdbc_stream_results", "true");
        settings.setProperty("memory_limit", MEMORY);
        settings.setProperty("threads", "2");
        settings.setProperty("autoinstall_known_extensions", "false");
        settings.setProperty("autoload_known_extensions", "false");
        try {
            Path folder = spill();
            Connection duck = DriverManager.getConnection("jdbc:duckdb:" + database, settings);
            try (Statement statement = duck.createStatement()) {
                // Made when it is needed, and removed with the connection.
                statement.execute("SET temp_directory = " + literal(folder.resolve(Long.toString(NUMBER.incrementAndGet())).toString()));
                statement.execute("SET TimeZone = 'UTC'");
                return duck;
            } catch (SQLException failure) {
                duck.close();
                throw failure;
            }
        } catch (IOException | SQLException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + what + "' cannot be opened: " + sentence(failure), failure);
        }
    }

    /// A folder that nobody else can read, or has made before.
    private static synchronized Path spill() throws IOException {
        if (spill.filter(Files::isDirectory).isEmpty()) {
            Path made = Files.createTempDirectory("conshelf-duckdb-");
            made.toFile().deleteOnExit();
            spill = Optional.of(made);
        }
        return spill.orElseThrow();
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String name(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    static String sentence(Exception failure) {
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }
}
