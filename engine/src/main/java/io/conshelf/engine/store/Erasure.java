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
            Jdbc.execute(connection, "CHECKPOINT " + open.id());
            long bytes = StoredSize.freeBytes(connection, open.id());
            try {
                Jdbc.execute(connection, "CREATE OR REPLACE TABLE " + filler + " AS SELECT hash(i) AS v FROM range("
                        + (bytes / BYTES_PER_ROW + ROWS_MORE) + ") AS r(i)");
                Jdbc.execute(connection, "CHECKPOINT " + open.id());
            } finally {
                Jdbc.execute(connection, "DROP TABLE IF EXISTS " + filler);
            }
            Jdbc.execute(connection, "CHECKPOINT " + open.id());
            open.intake().deleteDamaged();
            return true;
        } catch (SQLException | IOException e) {
            LOG.debug("Purged rows stay in the file of database '{}' for now: {}", open.current().name(), e.getMessage());
            return false;
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
