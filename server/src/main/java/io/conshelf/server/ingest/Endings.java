package io.conshelf.server.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Engine;
import io.conshelf.engine.GivenUp;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.server.storage.Storage;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How sources end: told to their client, to the cluster's own record of failures and to the metrics, in that one code; then
/// their message goes, and after success their blob.
final class Endings {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
    /// Who asks where no token says it: administrators see what it left.
    static final Principal NOBODY = new Principal("", "", false);

    private final Engine engine;
    private final Reports reports;
    private final ReadyMessages messages;
    private final StagedBlobCleanup cleanup;
    private final IngestionListener listener;
    private final InstantSource clock;

    Endings(
            Engine engine, Storage storage, LentStorage lent, ReadyMessages messages, StagedBlobCleanup cleanup, IngestionListener listener,
            InstantSource clock) {
        this.engine = engine;
        this.reports = new Reports(storage, lent, clock);
        this.messages = messages;
        this.cleanup = cleanup;
        this.listener = listener;
        this.clock = clock;
    }

    /// As the engine says, which has written down what failed.
    void ended(Source source, BatchIngestion.Outcome outcome, UUID operation) {
        switch (outcome.status()) {
            case SUCCEEDED -> {
                reports.succeeded(source.message(), operation);
                listener.ended("succeeded", outcome.rows(), outcome.rawBytes());
                finish(source);
            }
            case SKIPPED -> {
                // Where the engine knew its id an earlier delivery succeeded.
                if (outcome.extentId().isPresent()) {
                    reports.succeeded(source.message(), operation);
                } else {
                    reports.skipped(
                            source.message(), operation,
                            "The table has data with one of the 'ingest-by' tags "
                                    + source.properties().ingestIfNotExists() + " already");
                }
                listener.ended("skipped", 0, 0);
                finish(source);
            }
            case FAILED -> failed(
                    source.receipt(), source.message(), operation,
                    outcome.error()
                            .map(IngestionFailure::of)
                            .orElseGet(() -> IngestionFailure.permanent("Unknown", "The engine gave no reason")));
        }
    }

    /// All sources of a batch failed for one reason, which the engine has written down.
    void failed(Batch batch, UUID operation, IngestionFailure failure) {
        batch.sources().forEach(source -> failed(source.receipt(), source.message(), operation, failure));
    }

    /// A batch's load was repeated often enough.
    void exhausted(Batch batch, Request request, IngestionFailure failure) {
        remember(request, new GivenUp(
                batch.key().table(), batch.sources().stream().map(Source::path).toList(), batch.key().properties().format(),
                failure.error()));
        failed(batch, request.activityId(), failure);
    }

    /// A message cannot be followed.
    ///
    /// @param principal who sent it, or [#NOBODY]
    void refused(Source.Receipt receipt, IngestionMessage message, Principal principal, IngestionFailure failure) {
        var operation = UUID.randomUUID();
        var request = request(principal, message.database(), message.application(), operation);
        remember(request, new GivenUp(
                message.table(), List.of(BlobName.withoutSignature(message.blobUri())),
                message.property("format").orElse(""), failure.error()));
        failed(receipt, message, operation, failure);
    }

    /// What is no message at all.
    void corrupted(Source.Receipt receipt, String why) {
        reports.corrupted(receipt.messageId(), why);
        messages.finish(receipt);
    }

    /// A request of the batching service, of whose kind the engine's log knows nothing more.
    Request request(Principal principal, String database, String application, UUID operation) {
        return new Request(
                principal, database, "DM.IngestionExecutor;" + operation, operation, Map.of(), Map.of(), application,
                principal.displayName(), clock.instant(), engine.limits().timeoutMax(), false);
    }

    private void failed(Source.Receipt receipt, IngestionMessage message, UUID operation, IngestionFailure failure) {
        reports.failed(message, operation, failure);
        listener.ended("failed", 0, 0);
        messages.finish(receipt);
    }

    private void remember(Request request, GivenUp givenUp) {
        try {
            engine.givenUp(request, givenUp);
        } catch (RuntimeException e) {
            LOG.warn("That sources into table '{}' were given up could not be written down: {}", givenUp.table(), e.getMessage());
        }
    }

    private void finish(Source source) {
        messages.finish(source.receipt());
        cleanup.done(source.message());
    }
}
