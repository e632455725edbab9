package io.conshelf.engine.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes out of a database's file what no table holds any more. A checkpoint frees its blocks, and they keep what was in them
/// until something else is written there: so something is.
final class Erasure {
    private static final Logger LOG = LoggerFactory.getLogger(Erasure.class);
    /// Opening the database drops it, should the process end meanwhile.
    private static final String FILLER = "filler";
    private static final int BYTES_PER_ROW = 8;
    private static final long ROWS_MORE = 1 << 18;
    /// For so long it waits for queries to end.
    private static final int CHECKPOINTS_MAX = 100;
    private static final long PAUSE_MS = 50;

    private Erasure() {}

    static boolean erase(OpenDatabase open) {
        // With a commit the writer drops the storage that nobody reads any more.
        open.writer().change(transaction -> {
            transaction.setUpkeep(upkeep -> upkeep);
            return transaction;
        });
        try (Connection connection = open.connect()) {
            if (hasUnreferenced(connection, open.current())) {
                return false;
            }
            String filler = open.id() + ".data." + FILLER;
            try {
                // A checkpoint keeps what a transaction may see that is older than its deletion, and does not tell so. Whoever may see what
                // was purged may see this row, too: when it is gone, so is all that was deleted before.
                Jdbc.execute(connection, "CREATE OR REPLACE TABLE " + filler + " AS SELECT 1 AS v");
                Jdbc.execute(connection, "DELETE FROM " + filler);
                checkpoint(connection, open.id());
                if (isStored(connection, filler)) {
                    return false;
                }
                long bytes = StoredSize.freeBytes(connection, open.id());
                Jdbc.execute(connection, "CREATE OR REPLACE TABLE " + filler + " AS SELECT hash(i) AS v FROM range("
                        + (bytes / BYTES_PER_ROW + ROWS_MORE) + ") AS r(i)");
                checkpoint(connection, open.id());
            } finally {
                Jdbc.execute(connection, "DROP TABLE IF EXISTS " + filler);
            }
            checkpoint(connection, open.id());
            open.intake().deleteDamaged();
            return true;
        } catch (SQLException | IOException e) {
            LOG.debug("Purged rows stay in the file of database '{}' for now: {}", open.current().name(), e.getMessage());
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// DuckDB makes none while a transaction is open that began before a table came or went.
    private static void checkpoint(Connection connection, String id) throws SQLException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                Jdbc.execute(connection, "CHECKPOINT " + id);
                return;
            } catch (SQLException e) {
                if (attempt == CHECKPOINTS_MAX || !String.valueOf(e.getMessage()).contains("Cannot CHECKPOINT")) {
                    throw e;
                }
            }
            Thread.sleep(PAUSE_MS);
        }
    }

    /// Whether rows of a table, deleted ones among them, are in the file.
    private static boolean isStored(Connection connection, String table) throws SQLException {
        try (var statement = connection.createStatement();
                var segments = statement.executeQuery("SELECT count(*) FROM pragma_storage_info('" + table + "')")) {
            segments.next();
            return segments.getLong(1) > 0;
        }
    }

    private static boolean hasUnreferenced(Connection connection, Database database) throws SQLException {
        Set<String> stored = new HashSet<>();
        try (var query = connection.prepareStatement(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'data'")) {
            query.setString(1, database.id());
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    stored.add(rows.getString(1));
                }
            }
        }
        stored.remove(FILLER);
        stored.removeAll(DatabaseFile.referencedRows(database));
        return !stored.isEmpty();
    }
}
