package io.conshelf.engine;

import io.conshelf.engine.command.OperationLog;
import io.conshelf.engine.command.OperationRun;
import io.conshelf.engine.store.ChangeOrigin.Author;
import io.conshelf.engine.store.DiskTrouble;
import io.conshelf.engine.store.IngestionFailures.Failure;
import io.conshelf.engine.store.LogEntry;
import io.conshelf.engine.store.Storage;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Loads that come from queued ingestion instead of a command: operations as well, whose failures are written down before whoever
/// asked is told.
final class QueuedLoads {
    private static final String ALREADY_THERE = "The table has one of the 'ingest-by:' tags, or the same message, already";
    private static final String OPERATION = "DataIngestPull";
    // A batch may have thousands of sources that fail for one reason.
    private static final int FAILURES_A_LOAD_MAX = 100;
    private static final int NAME_CHARS_MAX = 2_000;

    private final Storage storage;
    private final OperationLog operations;
    private final Capacity ingestions;

    QueuedLoads(Storage storage, OperationLog operations, Capacity ingestions) {
        this.storage = storage;
        this.operations = operations;
        this.ingestions = ingestions;
    }

    /// Runs a load as the operation whose id is the request's activity id. A failure that passes is none yet: whoever repeats the
    /// load says when it is one.
    BatchIngestion.Result run(Request request, BatchIngestion batch, Supplier<BatchIngestion.Result> load) {
        var operation = operations.beginQueued(request, batch.table(), batch.sources().size());
        try {
            var result = ingestions.counting(() -> operation.within(load));
            if (result.outcomes().stream().allMatch(outcome -> outcome.status() == BatchIngestion.Status.SKIPPED)) {
                operation.skip(ALREADY_THERE);
            }
            operation.complete(Optional.empty(), result.outcomes().stream()
                    .filter(outcome -> outcome.error().isPresent())
                    .limit(FAILURES_A_LOAD_MAX)
                    .map(outcome -> entry(request, batch, operation, outcome.sourceId(), outcome.error().orElseThrow()))
                    .toList());
            return result;
        } catch (KustoException e) {
            if (e.error().code().equals(DiskTrouble.CODE)) {
                // It may wait for days, and is asked for every second.
                operation.withdraw();
            } else {
                operation.fail(e, !e.error().isPermanent() ? List.of() : batch.sources().stream()
                        .limit(FAILURES_A_LOAD_MAX)
                        .map(source -> entry(request, batch, operation, source.id(), e.error()))
                        .toList());
            }
            throw e;
        } catch (RuntimeException | Error e) {
            operation.fail(e);
            throw e;
        }
    }

    /// Writes down that sources were given up, before their load or after it was repeated often enough.
    void givenUp(Request request, GivenUp givenUp) {
        var author = new Author(
                request.principal().fullyQualifiedName(), request.user(), request.clientRequestId(), request.activityId(), "");
        operations.addFailures(request.database(), givenUp.sources().stream()
                .limit(FAILURES_A_LOAD_MAX)
                .map(source -> entry(request, givenUp.table(), source, givenUp.error(), author, givenUp.format()))
                .toList());
    }

    private LogEntry entry(Request request, BatchIngestion batch, OperationRun operation, String source, ServiceError error) {
        return entry(request, batch.table(), source, error, operation.author(), batch.format());
    }

    private LogEntry entry(Request request, String table, String source, ServiceError error, Author author, String format) {
        return storage.ingestionFailures().entry(Failure.of(
                request.activityId(), shortened(request.database()), shortened(table), request.now(), shortened(source), error, OPERATION,
                author, format.isEmpty() ? "" : "Format=" + shortened(format)));
    }

    // Whoever writes a message chooses the names in it.
    private static String shortened(String name) {
        return name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX);
    }
}
