package io.conshelf.engine.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/// What a database takes on the disk.
final class StoredSize {
    private StoredSize() {}

    /// The bytes of its file's blocks in use, and of what was committed and is not in blocks yet; 0 in memory.
    static long bytes(Connection connection, Database database) throws SQLException {
        try (var query = connection.prepareStatement("SELECT used_blocks * block_size, path FROM pragma_database_size()"
                + " JOIN duckdb_databases() USING (database_name) WHERE database_name = ? AND path IS NOT NULL")) {
            query.setString(1, database.id());
            try (var rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) + logBytes(Path.of(rows.getString(2) + ".wal")) : 0;
            }
        }
    }

    /// The bytes of the blocks of a database's file that hold nothing.
    static long freeBytes(Connection connection, String alias) throws SQLException {
        try (var query = connection.prepareStatement(
                "SELECT free_blocks * block_size FROM pragma_database_size() WHERE database_name = ?")) {
            query.setString(1, alias);
            try (var rows = query.executeQuery()) {
                return rows.next() ? rows.getLong(1) : 0;
            }
        }
    }

    /// The bytes of what was committed to a database and is not in its file's blocks yet.
    static long logBytes(Connection connection, String alias) throws SQLException {
        try (var query = connection.prepareStatement(
                "SELECT path FROM duckdb_databases() WHERE database_name = ? AND path IS NOT NULL")) {
            query.setString(1, alias);
            try (var rows = query.executeQuery()) {
                return rows.next() ? logBytes(Path.of(rows.getString(1) + ".wal")) : 0;
            }
        }
    }

    private static long logBytes(Path log) {
        try {
            return Files.size(log);
        } catch (IOException _) {
            // A checkpoint has taken it away.
            return 0;
        }
    }
}
