package io.conshelf.server.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.DiskTrouble;
import io.conshelf.server.ingest.IngestionMessage.CorruptedException;
import io.conshelf.server.ingest.IngestionProperties.Refusal;
import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes messages from the ready queue and sees each to its end: ingested once, or failed and reported.
final class QueuedIngestion implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedIngestion.class);
    /// Longer than any batch waits and takes with its repetitions; a restart makes messages visible at once.
    private static final Duration VISIBILITY = Duration.ofHours(12);
    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final Duration STOP = Duration.ofSeconds(20);
    /// After a turn that failed.
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration REDELIVERY_MAX = Duration.ofMinutes(5);
    /// Between looks whether the disk is well again, or a database available.
    private static final Duration DISK_PAUSE = Duration.ofSeconds(1);
    /// How long messages stay in the queue that cannot be ingested before that.
    private static final Duration PUT_BACK = Duration.ofSeconds(30);
    private static final int RECEIVED_AT_ONCE = 32;
    private static final int WAITING_MAX = 50_000;
    private static final int BATCHES_AT_ONCE = 4;
    /// Gzip of delimited text shrinks about so much; used where the client doesn't know.
    private static final int GZIP_FACTOR = 11;

    private final Engine engine;
    private final Storage storage;
    private final IdentityTokens tokens;
    private final StagedBlobs blobs;
    private final StagedBlobCleanup cleanup;
    private final Reports reports;
    private final BatchPlans plans;
    private final IngestionListener listener;
    private final InstantSource clock;
    private final DataManagement.Options options;
    /// Whether nobody wants a message's source any more.
    private final Predicate<IngestionMessage> isCanceled;

    private final Batcher batcher = new Batcher();
    /// Messages in our hands, so that none is taken twice.
    private final Set<String> inHand = ConcurrentHashMap.newKeySet();
    /// The batch of messages that were part of one before they were delivered again: they keep its id, by which the engine
    /// knows whether they were ingested with it.
    private final Map<String, String> batchOf = new ConcurrentHashMap<>();
    /// Messages that the queue would not take back yet.
    private final Queue<Source.Receipt> returns = new ConcurrentLinkedQueue<>();
    private final Semaphore batchSlots = new Semaphore(BATCHES_AT_ONCE);
    private final ExecutorService batches = Executors.newVirtualThreadPerTaskExecutor();
    private final TableLines lines = new TableLines(batches);
    private final Thread worker;
    /// Databases that take nothing now, with the batch that finds out when that changes. It alone stays in our hands: messages
    /// of one such database must not keep those of the others from being taken.
    private final Map<String, String> waiting = new ConcurrentHashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean isStopping;
    private volatile boolean isFailing;
    private boolean hasReleased;
    private boolean hasResumed;

    QueuedIngestion(
            Engine engine,
            Storage storage,
            IdentityTokens tokens,
            DataManagement.Options options,
            IngestionListener listener,
            InstantSource clock,
            Predicate<IngestionMessage> isCanceled) {
        this.engine = engine;
        this.isCanceled = isCanceled;
        this.storage = storage;
        this.tokens = tokens;
        this.blobs = new StagedBlobs(storage);
        this.cleanup = new StagedBlobCleanup(storage, clock);
        this.reports = new Reports(storage, clock);
        this.plans = new BatchPlans(storage.tables());
        this.listener = listener;
        this.clock = clock;
        this.options = options;
        this.worker = Thread.ofVirtual().name("queued-ingestion").unstarted(this::work);
    }

    void start() {
        worker.start();
    }

    /// Sources that were taken from the queue and have not ended.
    int inHand() {
        return inHand.size();
    }

    /// Whether messages are being taken.
    boolean isWorking() {
        return worker.isAlive() && !isFailing;
    }

    /// Lets running batches end; what waits stays in the queue.
    @Override
    public void close() {
        isStopping = true;
        stopped.countDown();
        worker.interrupt();
        batches.shutdown();
        try {
            worker.join(STOP);
            if (!batches.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                batches.shutdownNow();
            }
        } catch (InterruptedException e) {
            batches.shutdownNow();
            Thread.currentThread().interrupt();
        }
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
                isFailing = true;
                LOG.error("Queued ingestion could not go on; it tries again in {} s", PAUSE.toSeconds(), e);
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
            // Clients with the account's key can delete it.
            storage.queues().create(Resources.READY_QUEUE);
        }
        if (!hasReleased) {
            storage.queues().release(Resources.READY_QUEUE);
            hasReleased = true;
        }
        if (!hasResumed) {
            resume(plans.left());
        }
    }

    private void turn() throws InterruptedException {
        batcher.due(clock.instant()).forEach(this::submit);
        for (int left = returns.size(); left > 0; left--) {
            giveBack(returns.remove());
        }
        cleanup.sweep();
        if (inHand.size() >= WAITING_MAX) {
            Thread.sleep(100);
            return;
        }
        if (storage.queues().awaitMessage(Resources.READY_QUEUE, batcher.untilDue(clock.instant(), IDLE))) {
            receive().forEach(message -> take(message, this::batch));
        }
    }

    private List<QueueMessage> receive() {
        return storage.queues().receive(Resources.READY_QUEUE, RECEIVED_AT_ONCE, VISIBILITY);
    }

    private void take(QueueMessage message, Consumer<Source> next) {
        if (!inHand.add(message.id())) {
            return;
        }
        var receipt = new Source.Receipt(message.id(), message.popReceipt(), message.dequeueCount());
        try {
            accepted(receipt, message).ifPresent(next);
        } catch (RuntimeException | Error e) {
            LOG.error("Message {} could not be dealt with; it is delivered again", message.id(), e);
            giveBack(receipt);
        }
    }

    private void batch(Source source) {
        String former = batchOf.get(source.receipt().messageId());
        if (former != null) {
            submit(new Batch(former, source.key(), List.of(source), Batch.Reason.SYSTEM));
            return;
        }
        if (waiting.containsKey(database(source.key()))) {
            putBack(source.receipt());
            return;
        }
        policy(source)
                .map(policy -> batcher.add(source, policy, clock.instant()))
                // There is no such table: it is made from the mapping or the source fails, in any case without waiting.
                .orElseGet(() -> List.of(new Batch(Batch.idOf(source), source.key(), List.of(source), Batch.Reason.SYSTEM)))
                .forEach(this::submit);
    }

    /// Puts together again what an earlier process had put together, before anything else can join in.
    private void resume(Map<String, List<String>> left) {
        left.forEach((batch, messages) -> messages.forEach(message -> batchOf.put(message, batch)));
        // From here on a message finds its batch, whatever fails.
        hasResumed = true;
        if (left.isEmpty()) {
            return;
        }
        Map<String, List<Source>> resumed = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        try {
            for (var received = receive(); !received.isEmpty(); received = receive()) {
                for (QueueMessage message : received) {
                    seen.add(message.id());
                    take(message, source -> {
                        String batch = batchOf.get(message.id());
                        if (batch == null) {
                            batch(source);
                        } else {
                            resumed.computeIfAbsent(batch, _ -> new ArrayList<>()).add(source);
                        }
                    });
                }
            }
            batchOf.keySet().retainAll(seen);
        } finally {
            resumed.forEach((batch, sources) ->
                    submit(new Batch(batch, sources.getFirst().key(), sources, Batch.Reason.SYSTEM)));
        }
        left.keySet().stream().filter(batch -> !batchOf.containsValue(batch)).forEach(plans::forget);
    }

    private Optional<Source> accepted(Source.Receipt receipt, QueueMessage queued) {
        IngestionMessage message;
        try {
            if (queued.text().getBytes(StandardCharsets.UTF_8).length > options.messageBytesMax()) {
                throw new CorruptedException("it is longer than " + options.messageBytesMax() + " bytes");
            }
            message = IngestionMessage.parse(queued.text());
        } catch (CorruptedException e) {
            reports.corrupted(queued.id(), e.getMessage());
            finish(receipt);
            return Optional.empty();
        }
        if (isCanceled.test(message)) {
            finish(receipt);
            return Optional.empty();
        }
        try {
            if (queued.dequeueCount() > options.deliveriesMax()) {
                throw new Refusal(new IngestionFailure(
                        "BadRequest_MessageExhausted",
                        IngestionFailure.Status.EXHAUSTED,
                        "The message was delivered " + options.deliveriesMax() + " times without coming to an end"));
            }
            Source source = source(receipt, message);
            if (batcher.hasBlob(source)) {
                throw new Refusal(
                        "BlobAlreadyReceived_BlobAlreadyFoundInBatch",
                        "The blob '" + source.path() + "' is in the batch already");
            }
            return Optional.of(source);
        } catch (Refusal e) {
            if (e.failure().isTransient()) {
                LOG.warn("Message {} is delivered again: {}", queued.id(), e.failure().details());
                giveBack(receipt);
            } else {
                fail(receipt, message, UUID.randomUUID(), e.failure());
            }
        }
        return Optional.empty();
    }

    private Source source(Source.Receipt receipt, IngestionMessage message) throws Refusal {
        Principal principal = message.property("authorizationcontext")
                .flatMap(tokens::principal)
                .orElseThrow(() -> new Refusal(
                        "BadRequest_InvalidKustoIdentityToken",
                        "The message's 'authorizationContext' is not a valid token of '.get kusto identity token'"));
        if (message.database().isBlank()) {
            throw new Refusal("BadRequest_EmptyDatabaseName", "The message has no 'DatabaseName'");
        }
        if (message.table().isBlank()) {
            throw new Refusal("BadRequest_InvalidOrEmptyTableName", "The message has no 'TableName'");
        }
        var properties = IngestionProperties.of(message);
        StagedBlobs.Found found = blobs.find(message.blobUri());
        if (found.sizeBytes() == 0) {
            throw new Refusal(
                    "BadRequest_EmptyBlob", "The blob '" + BlobName.withoutSignature(message.blobUri()) + "' is empty");
        }
        cleanup.needed(found.blob());
        long estimate = found.isGzip() ? found.sizeBytes() * GZIP_FACTOR : found.rawBytes();
        return new Source(
                receipt, message, principal, properties, found.file(), message.rawBytes().orElse(estimate),
                found.isGzip());
    }

    private Optional<BatchingPolicy> policy(Source source) {
        try {
            return Optional.of(
                    BatchingPolicy.of(engine.batchingPolicy(source.message().database(), source.message().table())));
        } catch (KustoException e) {
            return Optional.empty();
        }
    }

    private void submit(Batch batch) {
        try {
            plans.keep(batch);
            lines.add(batch.key(), () -> run(batch));
        } catch (RuntimeException | Error e) {
            if (!isStopping) {
                LOG.error("Batch {} could not begin; its messages are delivered again", batch.id(), e);
            }
            giveBack(batch);
        }
    }

    private void run(Batch batch) {
        boolean isWaiting = false;
        try {
            isWaiting = !isDone(batch) && waitsFirst(batch);
            if (isWaiting) {
                batches.execute(() -> later(batch));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            isWaiting = false;
            if (!isStopping) {
                LOG.error("Batch {} did not end; what is left of its messages is delivered again", batch.id(), e);
            }
            giveBack(batch);
        } finally {
            if (!isWaiting && waiting.remove(database(batch.key()), batch.id()) && !isStopping) {
                LOG.info("Queued ingestion into database '{}' goes on", batch.key().database());
            }
        }
    }

    /// Whether it is the batch that finds out when its database takes something again; all others go back to the queue.
    private boolean waitsFirst(Batch batch) {
        var first = waiting.putIfAbsent(database(batch.key()), batch.id());
        if (first == null) {
            LOG.warn("Queued ingestion into database '{}' waits until it can be written; its messages stay in the queue",
                    batch.key().database());
        } else if (!first.equals(batch.id())) {
            putBack(batch);
            return false;
        }
        return true;
    }

    /// Outside its table's line, so that those behind it go back to the queue as well.
    private void later(Batch batch) {
        try {
            if (!stopped.await(DISK_PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                lines.add(batch.key(), () -> run(batch));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            LOG.debug("Batch {} is left for the next start", batch.id());
        }
    }

    private static String database(Source.Key key) {
        return key.database().toLowerCase(Locale.ROOT);
    }

    /// As [#giveBack], of what could not be tried: that is no delivery.
    private void putBack(Batch batch) {
        for (Source source : batch.sources()) {
            if (inHand.contains(source.receipt().messageId())) {
                batchOf.put(source.receipt().messageId(), batch.id());
                putBack(source.receipt());
            }
        }
    }

    private void putBack(Source.Receipt receipt) {
        try {
            storage.queues().putBack(Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt(), PUT_BACK);
            inHand.remove(receipt.messageId());
        } catch (RuntimeException e) {
            LOG.debug("Message {} could not be put back: {}", receipt.messageId(), e.getMessage());
            giveBack(receipt);
        }
    }

    /// Leaves out what was canceled while it waited. A batch that was begun before stays as it is: it may have been committed.
    private Batch wanted(Batch batch) {
        if (batchOf.containsValue(batch.id())) {
            return batch;
        }
        var wanted = new ArrayList<Source>();
        for (Source source : batch.sources()) {
            if (isCanceled.test(source.message())) {
                finish(source.receipt());
            } else {
                wanted.add(source);
            }
        }
        return new Batch(batch.id(), batch.key(), wanted, batch.reason());
    }

    /// What has not ended of a batch comes again, under the batch's id: it may have been committed.
    private void giveBack(Batch batch) {
        for (Source source : batch.sources()) {
            if (inHand.contains(source.receipt().messageId())) {
                batchOf.put(source.receipt().messageId(), batch.id());
                giveBack(source.receipt());
            }
        }
    }

    /// Has the queue deliver a message again, later each time.
    private void giveBack(Source.Receipt receipt) {
        var delay = Duration.ofSeconds(1L << Math.min(receipt.deliveries(), 20));
        try {
            storage.queues().extend(
                    Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt(),
                    delay.compareTo(REDELIVERY_MAX) < 0 ? delay : REDELIVERY_MAX);
            inHand.remove(receipt.messageId());
        } catch (StorageException e) {
            switch (e.code()) {
                case MESSAGE_NOT_FOUND, POP_RECEIPT_MISMATCH, QUEUE_NOT_FOUND -> inHand.remove(receipt.messageId());
                default -> returns.add(receipt);
            }
        } catch (RuntimeException e) {
            returns.add(receipt);
        }
    }

    /// @return false when the disk takes nothing now, or a database is not available: that is no attempt of the batch's
    private boolean isDone(Batch batch) throws InterruptedException {
        batchSlots.acquire();
        try {
            var wanted = wanted(batch);
            if (wanted.sources().isEmpty()) {
                plans.forget(batch.id());
                return true;
            }
            return ingest(wanted);
        } finally {
            batchSlots.release();
        }
    }

    private boolean ingest(Batch batch) throws InterruptedException {
        UUID operation = UUID.randomUUID();
        for (int attempt = 1; ; attempt++) {
            Optional<IngestionFailure> failure = attempt(batch, operation);
            if (failure.isEmpty()) {
                break;
            }
            if (failure.get().code().equals(DiskTrouble.CODE)) {
                LOG.debug("Batch {} waits: {}", batch.id(), failure.get().details());
                return false;
            }
            if (!failure.get().isTransient() || attempt >= options.attemptsMax()) {
                var last = failure.get().isTransient() ? failure.get().exhausted(attempt) : failure.get();
                batch.sources().forEach(source -> fail(source.receipt(), source.message(), operation, last));
                break;
            }
            LOG.info("Batch {} is repeated after {}: {}", batch.id(), failure.get().code(), failure.get().details());
            Thread.sleep(Duration.ofMillis(500L << attempt));
        }
        if (!batchOf.containsValue(batch.id())) {
            plans.forget(batch.id());
        }
        return true;
    }

    /// @return what failed as a whole; each source has been dealt with otherwise
    private Optional<IngestionFailure> attempt(Batch batch, UUID operation) {
        BatchIngestion.Result result;
        try {
            result = engine.ingestBatch(request(batch, operation), ingestion(batch));
        } catch (KustoException e) {
            return Optional.of(IngestionFailure.of(e.error()));
        } catch (RuntimeException | Error e) {
            LOG.error("Batch {} failed in the engine", batch.id(), e);
            return Optional.of(new IngestionFailure(
                    "General_InternalServerError",
                    IngestionFailure.Status.TRANSIENT,
                    "The engine failed; the server's log has the details under operation " + operation));
        }
        for (int i = 0; i < batch.sources().size(); i++) {
            end(batch.sources().get(i), result.outcomes().get(i), operation);
        }
        return Optional.empty();
    }

    private void end(Source source, BatchIngestion.Outcome outcome, UUID operation) {
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
            case FAILED -> fail(
                    source.receipt(), source.message(), operation,
                    outcome.error()
                            .map(IngestionFailure::of)
                            .orElseGet(() -> IngestionFailure.permanent("Unknown", "The engine gave no reason")));
        }
    }

    private void fail(Source.Receipt receipt, IngestionMessage message, UUID operation, IngestionFailure failure) {
        reports.failed(message, operation, failure);
        listener.ended("failed", 0, 0);
        finish(receipt);
    }

    private void finish(Source source) {
        finish(source.receipt());
        cleanup.done(source.message());
    }

    private void finish(Source.Receipt receipt) {
        try {
            storage.queues().delete(Resources.READY_QUEUE, receipt.messageId(), receipt.popReceipt());
        } catch (RuntimeException e) {
            LOG.warn("Message {} could not be deleted: {}", receipt.messageId(), e.getMessage());
        } finally {
            batchOf.remove(receipt.messageId());
            inHand.remove(receipt.messageId());
        }
    }

    private Request request(Batch batch, UUID operation) {
        return new Request(
                batch.key().principal(),
                batch.key().database(),
                "DM.IngestionExecutor;" + operation,
                operation,
                Map.of(),
                Map.of(),
                batch.sources().getFirst().message().application(),
                batch.key().principal().displayName(),
                clock.instant(),
                engine.limits().timeoutMax(),
                false);
    }

    private static BatchIngestion ingestion(Batch batch) {
        var properties = batch.key().properties();
        List<BatchIngestion.Source> sources = batch.sources().stream()
                .map(source -> new BatchIngestion.Source(
                        source.path(), source.file(), source.isGzip(), source.message().rawBytes().orElse(0),
                        // A restored queue may put batches together that are not those of the databases' backup.
                        Optional.of(source.receipt().messageId())))
                .toList();
        return new BatchIngestion(
                batch.key().database(),
                batch.key().table(),
                properties.format(),
                sources,
                properties.mapping(),
                properties.tags(),
                properties.ingestIfNotExists(),
                properties.creationTime(),
                properties.ignoresFirstRecord(),
                properties.validation(),
                Optional.of(batch.id()),
                properties.zipPattern());
    }
}
