package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/// DuckDB as a reader and writer of files: in memory, with little of it, and spilling to the temporary folder.
final class Duck {
    private static final String MEMORY = "256MB";

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
            Connection duck = DriverManager.getConnection("jdbc:duckdb:" + database, settings);
            try (Statement statement = duck.createStatement()) {
                statement.execute("SET temp_directory = " + literal(System.getProperty("java.io.tmpdir") + "/conshelf-duckdb-" + ProcessHandle.current().pid()));
                statement.execute("SET TimeZone = 'UTC'");
            }
            return duck;
        } catch (SQLException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + what + "' cannot be opened: " + sentence(failure), failure);
        }
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
