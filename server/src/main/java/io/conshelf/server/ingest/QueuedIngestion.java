package io.conshelf.server.ingest;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.StorageUri;
import io.conshelf.server.ingest.IngestionMessage.CorruptedException;
import io.conshelf.server.ingest.IngestionProperties.Refusal;
import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes messages from the ready queue and sees each to its end: ingested once, or failed and reported.
final class QueuedIngestion implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedIngestion.class);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration STOP = Duration.ofSeconds(20);
    /// After a turn that failed.
    private static final Duration PAUSE = Duration.ofSeconds(2);
    /// Gzip of delimited text shrinks about so much; used where the client doesn't know.
    private static final int GZIP_FACTOR = 11;
    /// A blob of another account is taken for so large where its message does not say.
    private static final long BYTES_ELSEWHERE = 64L << 20;

    private final Engine engine;
    private final IdentityTokens tokens;
    private final StagedBlobs blobs;
    private final StagedBlobCleanup cleanup;
    private final ReadyMessages messages;
    private final Endings endings;
    private final BatchRuns runs;
    private final InstantSource clock;
    private final DataManagement.Options options;
    /// Whether nobody wants a message's source any more.
    private final Predicate<IngestionMessage> isCanceled;

    private final Batcher batcher = new Batcher();
    private final Thread worker;
    private volatile boolean isStopping;
    private volatile boolean isFailing;
    private boolean hasReleased;

    QueuedIngestion(
            Engine engine,
            Storage storage,
            LentStorage lent,
            IdentityTokens tokens,
            DataManagement.Options options,
            IngestionListener listener,
            InstantSource clock,
            Predicate<IngestionMessage> isCanceled) {
        this.engine = engine;
        this.isCanceled = isCanceled;
        this.tokens = tokens;
        this.blobs = new StagedBlobs(storage);
        this.cleanup = new StagedBlobCleanup(lent, clock);
        this.messages = new ReadyMessages(lent);
        this.endings = new Endings(engine, storage, lent, messages, cleanup, listener, clock);
        this.runs = new BatchRuns(engine, messages, endings, isCanceled, options.attemptsMax());
        this.clock = clock;
        this.options = options;
        this.worker = Thread.ofVirtual().name("queued-ingestion").unstarted(this::work);
    }

    void start() {
        worker.start();
    }

    /// Sources that were taken from the queue and have not ended.
    int inHand() {
        return messages.inHand();
    }

    /// Whether messages are being taken.
    boolean isWorking() {
        return worker.isAlive() && !isFailing;
    }

    /// Lets running batches end; what waits stays in the queue.
    @Override
    public void close() {
        isStopping = true;
        worker.interrupt();
        try {
            worker.join(STOP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        runs.close();
    }

    private void work() {
        while (!isStopping) {
            try {
                begin();
                turn();
                isFailing = false;
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException | Error e) {
                if (isStopping) {
                    return;
                }
                // Once for as long as it lasts.
                if (!isFailing) {
                    LOG.error("Queued ingestion could not go on; it tries again every {} s", PAUSE.toSeconds(), e);
                }
                isFailing = true;
                try {
                    Thread.sleep(PAUSE);
                } catch (InterruptedException _) {
                    return;
                }
            }
        }
    }

    private void begin() {
        if (isFailing) {
            messages.restore();
        }
        if (!hasReleased) {
            messages.release();
            hasReleased = true;
        }
    }

    private void turn() throws InterruptedException {
        batcher.due(clock.instant()).forEach(runs::submit);
        messages.giveBackAgain();
        cleanup.sweep();
        if (messages.isFull()) {
            Thread.sleep(100);
            return;
        }
        if (messages.await(batcher.untilDue(clock.instant(), IDLE))) {
            messages.receive().forEach(this::take);
        }
    }

    private void take(QueueMessage message) {
        if (!messages.take(message)) {
            return;
        }
        var receipt = new Source.Receipt(message.id(), message.popReceipt(), message.dequeueCount());
        try {
            accepted(receipt, message).ifPresent(this::batch);
        } catch (RuntimeException | Error e) {
            LOG.error("Message {} could not be dealt with; it is delivered again", message.id(), e);
            messages.giveBack(receipt);
        }
    }

    private void batch(Source source) {
        if (runs.isWaiting(source.key())) {
            messages.putBack(source.receipt());
            return;
        }
        policy(source)
                .map(policy -> batcher.add(source, policy, clock.instant()))
                // There is no such table: it is made from the mapping or the source fails, in any case without waiting.
                .orElseGet(() -> List.of(new Batch(source.key(), List.of(source), Batch.Reason.SYSTEM)))
                .forEach(runs::submit);
    }

    private Optional<Source> accepted(Source.Receipt receipt, QueueMessage queued) {
        IngestionMessage message;
        try {
            if (queued.text().getBytes(StandardCharsets.UTF_8).length > options.messageBytesMax()) {
                throw new CorruptedException("it is longer than " + options.messageBytesMax() + " bytes");
            }
            message = IngestionMessage.parse(queued.text());
        } catch (CorruptedException e) {
            endings.corrupted(receipt, e.getMessage());
            return Optional.empty();
        }
        if (isCanceled.test(message)) {
            messages.finish(receipt);
            return Optional.empty();
        }
        var principal = message.property("authorizationcontext").flatMap(tokens::principal).orElse(Endings.NOBODY);
        try {
            if (receipt.deliveries() > options.deliveriesMax()) {
                throw new Refusal(new IngestionFailure(
                        "BadRequest_MessageExhausted",
                        IngestionFailure.Status.EXHAUSTED,
                        "The message was delivered " + options.deliveriesMax() + " times without coming to an end"));
            }
            Source source = source(receipt, message, principal);
            if (batcher.hasBlob(source)) {
                throw new Refusal(
                        "BlobAlreadyReceived_BlobAlreadyFoundInBatch",
                        "The blob '" + source.path() + "' is in the batch already");
            }
            return Optional.of(source);
        } catch (Refusal e) {
            if (!e.failure().isTransient()) {
                endings.refused(receipt, message, principal, e.failure());
            } else if (receipt.deliveries() >= options.deliveriesMax()) {
                endings.refused(receipt, message, principal, e.failure().exhausted(options.deliveriesMax()));
            } else {
                LOG.warn("Message {} is delivered again: {}", queued.id(), e.failure().details());
                messages.giveBack(receipt);
            }
        }
        return Optional.empty();
    }

    private Source source(Source.Receipt receipt, IngestionMessage message, Principal principal) throws Refusal {
        if (principal.isSameAs(Endings.NOBODY)) {
            throw new Refusal(
                    "BadRequest_InvalidKustoIdentityToken",
                    "The message's 'authorizationContext' is not a valid token of '.get kusto identity token'");
        }
        if (!message.malformed().isEmpty()) {
            throw new Refusal("BadRequest_MalformedIngestionProperty", String.join("; ", message.malformed()));
        }
        if (message.database().isBlank()) {
            throw new Refusal("BadRequest_EmptyDatabaseName", "The message has no 'DatabaseName'");
        }
        if (message.table().isBlank()) {
            throw new Refusal("BadRequest_InvalidOrEmptyTableName", "The message has no 'TableName'");
        }
        var properties = IngestionProperties.of(message);
        Optional<StorageUri> elsewhere = elsewhere(message.blobUri());
        if (elsewhere.isPresent()) {
            cleanup.needed(message);
            // Nobody is asked while the queue waits: an account that does not answer would keep back all others.
            return new Source(
                    receipt, message, principal, properties, new Source.Content.Elsewhere(elsewhere.get()),
                    message.rawBytes().orElse(BYTES_ELSEWHERE), BlobName.of(message.blobUri()).isGzip());
        }
        StagedBlobs.Found found = blobs.find(message.blobUri());
        if (found.sizeBytes() == 0) {
            throw new Refusal(
                    "BadRequest_EmptyBlob", "The blob '" + BlobName.withoutSignature(message.blobUri()) + "' is empty");
        }
        cleanup.needed(found.blob());
        long estimate = found.isGzip() ? found.sizeBytes() * GZIP_FACTOR : found.rawBytes();
        return new Source(
                receipt, message, principal, properties, new Source.Content.Here(found.file()), message.rawBytes().orElse(estimate),
                found.isGzip());
    }

    /// The blob's URI if it is one of another account that may be reached.
    private Optional<StorageUri> elsewhere(String text) throws Refusal {
        try {
            return Optional.of(StorageUri.parse(text)).filter(engine::isElsewhere);
        } catch (KustoException e) {
            throw new Refusal(IngestionFailure.of(e.error()));
        }
    }

    private Optional<BatchingPolicy> policy(Source source) {
        try {
            return Optional.of(
                    BatchingPolicy.of(engine.batchingPolicy(source.message().database(), source.message().table())));
        } catch (KustoException e) {
            return Optional.empty();
        }
    }
}
