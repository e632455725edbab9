package io.conshelf.engine.store;

import io.conshelf.engine.ServiceError;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/// The last failures of ingestion that no caller was told of, newest first; forgotten when the process ends.
public final class IngestionFailures {
    private static final int KEPT = 1_000;

    private final Deque<Failure> failures = new ArrayDeque<>();

    /// @param originatesFromUpdatePolicy the rows of the table's source are there nevertheless
    public record Failure(
            UUID operationId, String database, String table, Instant failedOn, ServiceError error,
            boolean originatesFromUpdatePolicy) {}

    public synchronized void add(Failure failure) {
        failures.addFirst(failure);
        if (failures.size() > KEPT) {
            failures.removeLast();
        }
    }

    public synchronized List<Failure> all() {
        return List.copyOf(failures);
    }
}
