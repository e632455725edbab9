package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;

/// Statements without results.
final class Jdbc {
    private Jdbc() {}

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Ends a transaction whose failure is being reported already.
    static void rollback(Connection connection) {
        try {
            if (!connection.isClosed()) {
                execute(connection, "ROLLBACK");
            }
        } catch (SQLException _) {
            // DuckDB has rolled back by itself when the commit failed.
        }
    }

    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException _) {
            // Nothing is lost: what was committed is in the file.
        }
    }
}
