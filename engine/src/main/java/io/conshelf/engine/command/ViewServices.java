package io.conshelf.engine.command;

import io.conshelf.engine.CapacityUse;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What the commands of materialized views need of what keeps their parts.
public interface ViewServices {
    /// What a query makes of a source, with its columns.
    ///
    /// @throws KustoException when it is no query of a view
    MaterializedView.Definition define(
            Snapshot snapshot, Database database, String source, boolean isOverView, String query, List<String> dimensionTables);

    /// Makes a view: of the rows that come from now on, or of those that are there too.
    MaterializedView create(String database, MaterializedView view, Optional<Backfill> backfill, Checked inTransaction);

    /// Gives a view another query; what its part has stays.
    MaterializedView alter(Transaction transaction, MaterializedView before, MaterializedView after) throws SQLException;

    Status status(String database, MaterializedView view);

    void forgetStatistics(MaterializedView view);

    /// How many views are brought up to date just now, and how many could be.
    CapacityUse use();

    /// What must hold for a view to be made.
    interface Checked {
        void check(Transaction transaction) throws SQLException;
    }

    /// @param splitsByTime whether extents are as old as the view's datetime key says
    record Backfill(boolean splitsByTime) {}

    /// @param materializedTo now, where nothing waits
    /// @param runs           since the engine was opened, as all that follows
    record Status(
            Instant materializedTo,
            Instant lastRun,
            boolean hasFailed,
            boolean isHealthy,
            long runs,
            long rowsWritten,
            Duration lastDuration,
            Optional<Instant> lastSuccess,
            List<Failure> failures) {}

    record Failure(Instant at, UUID operation, Optional<Instant> lastSuccess, boolean isPermanent, String problem) {}
}
