package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.RetentionPolicy;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import java.time.Instant;

/// The ingestion property `creationTime`.
public final class CreationTimes {
    private CreationTimes() {}

    /// Refuses to ingest what the table's retention would take away at once.
    public static void check(Transaction transaction, Table table, Instant createdOn) {
        RetentionPolicy.horizon(transaction.database(), table, transaction.now()).filter(createdOn::isBefore).ifPresent(_ -> {
            throw new KustoException(IngestionErrors.tooOld(createdOn, table.name()));
        });
    }
}
