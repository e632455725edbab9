package io.conshelf.engine.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
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
    private static final int MARKS = 2;
    private static final long PAUSE_MS = 50;

    /// What comes between its statements.
    interface Steps {
        /// A mark is deleted; the checkpoint that takes it out of the file comes next.
        default void marked() {}

        default void pause() throws InterruptedException {
            Thread.sleep(PAUSE_MS);
        }
    }

    private final OpenDatabase open;
    private final Connection connection;
    private final Steps steps;
    private final String filler;
    private long pausesLeft;

    private Erasure(OpenDatabase open, Connection connection, Duration patience, Steps steps) {
        this.open = open;
        this.connection = connection;
        this.pausesLeft = patience.toMillis() / PAUSE_MS;
        this.steps = steps;
        this.filler = open.id() + ".data." + FILLER;
    }

    /// @param patience for so long it waits for queries to end, in all
    static boolean erase(OpenDatabase open, Duration patience) {
        return erase(open, patience, new Steps() {});
    }

    static boolean erase(OpenDatabase open, Duration patience, Steps steps) {
        // With a commit the writer drops the storage that nobody reads any more.
        open.writer().change(transaction -> {
            transaction.setUpkeep(upkeep -> upkeep);
            return transaction;
        });
        try (Connection connection = open.connect()) {
            if (hasUnreferenced(connection, open.current()) || !new Erasure(open, connection, patience, steps).erase()) {
                return false;
            }
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

    private boolean erase() throws SQLException, InterruptedException {
        try {
            // After the first mark the tables are without what was purged, and its blocks are free but for those of a query that began between
            // the mark and its checkpoint: it sees nothing of what was purged, yet may still be at the blocks in which that stood. The second
            // mark's checkpoint is made when all have ended that began before this mark came.
            for (int mark = 1; mark <= MARKS; mark++) {
                if (!mark()) {
                    return false;
                }
            }
            long bytes = StoredSize.freeBytes(connection, open.id());
            Jdbc.execute(connection, "CREATE OR REPLACE TABLE " + filler + " AS SELECT hash(i) AS v FROM range("
                    + (bytes / BYTES_PER_ROW + ROWS_MORE) + ") AS r(i)");
            checkpoint();
        } finally {
            Jdbc.execute(connection, "DROP TABLE IF EXISTS " + filler);
        }
        checkpoint();
        return true;
    }

    /// A checkpoint keeps what a transaction may see that is older than its deletion, and does not tell so. Whoever may see what was
    /// purged may see this row, too: when it is gone, so is all that was deleted before.
    private boolean mark() throws SQLException, InterruptedException {
        do {
            Jdbc.execute(connection, "CREATE OR REPLACE TABLE " + filler + " AS SELECT 1 AS v");
            Jdbc.execute(connection, "DELETE FROM " + filler);
            steps.marked();
            checkpoint();
            if (!isStored()) {
                return true;
            }
        } while (pause());
        return false;
    }

    /// DuckDB makes none while a transaction is open that began before a table came or went.
    private void checkpoint() throws SQLException, InterruptedException {
        while (true) {
            try {
                Jdbc.execute(connection, "CHECKPOINT " + open.id());
                return;
            } catch (SQLException e) {
                if (!String.valueOf(e.getMessage()).contains("Cannot CHECKPOINT") || !pause()) {
                    throw e;
                }
            }
        }
    }

    /// Whether it has waited; it does not wait without end.
    private boolean pause() throws InterruptedException {
        if (pausesLeft <= 0) {
            return false;
        }
        pausesLeft--;
        steps.pause();
        return true;
    }

    /// Whether the mark, though deleted, is in the file.
    private boolean isStored() throws SQLException {
        try (var statement = connection.createStatement();
                var segments = statement.executeQuery("SELECT count(*) FROM pragma_storage_info('" + filler + "')")) {
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
