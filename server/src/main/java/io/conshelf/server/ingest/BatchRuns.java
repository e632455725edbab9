package io.conshelf.server.ingest;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.DiskTrouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has the engine ingest closed batches, those of a table one after the other, and repeats what fails for a passing reason.
///
/// A process may die between the commit and the deletion of the messages. They come again then, in whichever batches: the
/// engine remembers each source by its message and leaves out what it has.
final class BatchRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchRuns.class);
    /// What has not ended by then is undone, and delivered again at the next start: a stop must not take as long as a large batch.
    private static final Duration STOP = Duration.ofSeconds(2);
    /// Between looks whether the disk is well again, or a database available.
    private static final Duration DISK_PAUSE = Duration.ofSeconds(1);
    private static final int AT_ONCE = 4;

    private final Engine engine;
    private final ReadyMessages messages;
    private final Endings endings;
    /// Whether nobody wants a message's source any more.
    private final Predicate<IngestionMessage> isCanceled;
    private final int attemptsMax;

    private final Semaphore slots = new Semaphore(AT_ONCE);
    private final Semaphore fetches = new Semaphore(AT_ONCE);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TableLines lines = new TableLines(threads);
    /// Databases that take nothing now, with the batch that finds out when that changes. It alone stays in our hands: messages
    /// of one such database must not keep those of the others from being taken.
    private final Map<String, Batch> waiting = new ConcurrentHashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /// @param attemptsMax of one batch before it is given up
    BatchRuns(Engine engine, ReadyMessages messages, Endings endings, Predicate<IngestionMessage> isCanceled, int attemptsMax) {
        this.engine = engine;
        this.messages = messages;
        this.endings = endings;
        this.isCanceled = isCanceled;
        this.attemptsMax = attemptsMax;
    }

    /// Lets running batches end; what waits stays in the queue.
    @Override
    public void close() {
        stopped.countDown();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /// Whether a database takes nothing now.
    boolean isWaiting(Source.Key key) {
        return waiting.containsKey(database(key));
    }

    void submit(Batch batch) {
        boolean waits = false;
        try {
            waits = lines.add(batch.key(), () -> run(batch));
        } catch (RuntimeException | Error e) {
            if (!isStopping()) {
                LOG.error("A batch for table '{}' could not begin; its messages are delivered again", batch.key().table(), e);
            }
            messages.giveBack(batch);
        }
        if (waits) {
            lookAhead(batch);
        }
    }

    private void lookAhead(Batch batch) {
        try (var files = new BatchFiles(engine, attemptsMax)) {
            if (!files.isNeeded(batch)) {
                engine.lookAhead(ingestion(batch, files));
            }
        } catch (RuntimeException | Error e) {
            // only a preparation: whatever is wrong, the batch finds it again when its turn comes
            LOG.debug("A batch for table '{}' was not looked at ahead", batch.key().table(), e);
        }
    }

    private boolean isStopping() {
        return stopped.getCount() == 0;
    }

    private void run(Batch batch) {
        boolean isWaiting = false;
        try {
            isWaiting = !isDone(batch) && waitsFirst(batch);
            if (isWaiting) {
                threads.execute(() -> later(batch));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            isWaiting = false;
            if (!isStopping()) {
                LOG.error("A batch for table '{}' did not end; what is left of its messages is delivered again",
                        batch.key().table(), e);
            }
            messages.giveBack(batch);
        } finally {
            if (!isWaiting && waiting.remove(database(batch.key()), batch) && !isStopping()) {
                LOG.info("Queued ingestion into database '{}' goes on", batch.key().database());
            }
        }
    }

    /// Whether it is the batch that finds out when its database takes something again; all others go back to the queue.
    private boolean waitsFirst(Batch batch) {
        var first = waiting.putIfAbsent(database(batch.key()), batch);
        if (first == null) {
            LOG.warn("Queued ingestion into database '{}' waits until it can be written; its messages stay in the queue",
                    batch.key().database());
        } else if (first != batch) {
            messages.putBack(batch);
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
            LOG.debug("A batch for table '{}' is left for the next start", batch.key().table());
        }
    }

    private static String database(Source.Key key) {
        return key.database().toLowerCase(Locale.ROOT);
    }

    /// @return false when the disk takes nothing now, or a database is not available: that is no attempt of the batch's
    private boolean isDone(Batch batch) throws InterruptedException {
        try (var files = new BatchFiles(engine, attemptsMax)) {
            if (files.isNeeded(batch) && !isFetched(batch, files)) {
                LOG.debug("A batch for table '{}' waits: its blobs cannot be copied", batch.key().table());
                return false;
            }
            slots.acquire();
            try {
                var wanted = wanted(batch);
                var present = files.present(wanted);
                boolean isDone = present.sources().isEmpty() || ingest(present, files);
                if (isDone) {
                    wanted.sources().forEach(source -> files.failure(source).ifPresent(failure ->
                            endings.refused(source.receipt(), source.message(), source.principal(), failure)));
                }
                return isDone;
            } finally {
                slots.release();
            }
        }
    }

    /// In places of its own: an account that does not answer keeps nobody from ingesting what is here.
    private boolean isFetched(Batch batch, BatchFiles files) throws InterruptedException {
        fetches.acquire();
        try {
            return files.fetch(batch);
        } finally {
            fetches.release();
        }
    }

    /// Leaves out what was canceled while it waited.
    private Batch wanted(Batch batch) {
        var wanted = new ArrayList<Source>();
        for (Source source : batch.sources()) {
            if (isCanceled.test(source.message())) {
                messages.finish(source.receipt());
            } else {
                wanted.add(source);
            }
        }
        return new Batch(batch.key(), wanted, batch.reason());
    }

    private boolean ingest(Batch batch, BatchFiles files) throws InterruptedException {
        var request = request(batch);
        var ingestion = ingestion(batch, files);
        for (int attempt = 1; ; attempt++) {
            Optional<IngestionFailure> failure = attempt(batch, request, ingestion);
            if (failure.isEmpty()) {
                return true;
            }
            if (failure.get().code().equals(DiskTrouble.CODE)) {
                LOG.debug("A batch for table '{}' waits: {}", batch.key().table(), failure.get().details());
                return false;
            }
            if (!failure.get().isTransient()) {
                endings.failed(batch, request.activityId(), failure.get());
                return true;
            }
            if (attempt >= attemptsMax) {
                endings.exhausted(batch, request, failure.get().exhausted(attempt));
                return true;
            }
            LOG.info("A batch for table '{}' is repeated after {}: {}", batch.key().table(), failure.get().code(),
                    failure.get().details());
            Thread.sleep(Duration.ofMillis(500L << attempt));
        }
    }

    /// @return what failed as a whole; each source has been dealt with otherwise
    private Optional<IngestionFailure> attempt(Batch batch, Request request, BatchIngestion ingestion) {
        BatchIngestion.Result result;
        try {
            result = engine.ingestBatch(request, ingestion);
        } catch (KustoException e) {
            return Optional.of(IngestionFailure.of(e.error()));
        } catch (RuntimeException | Error e) {
            LOG.error("Operation {} failed in the engine", request.activityId(), e);
            return Optional.of(new IngestionFailure(
                    "General_InternalServerError",
                    IngestionFailure.Status.TRANSIENT,
                    "The engine failed; the server's log has the details under operation " + request.activityId()));
        }
        for (int i = 0; i < batch.sources().size(); i++) {
            endings.ended(batch.sources().get(i), result.outcomes().get(i), request.activityId());
        }
        return Optional.empty();
    }

    private Request request(Batch batch) {
        return endings.request(
                batch.key().principal(), batch.key().database(), batch.sources().getFirst().message().application(),
                UUID.randomUUID());
    }

    private static BatchIngestion ingestion(Batch batch, BatchFiles files) {
        var properties = batch.key().properties();
        List<BatchIngestion.Source> sources = batch.sources().stream()
                .map(source -> new BatchIngestion.Source(
                        source.path(), files.of(source), source.isGzip(), source.message().rawBytes().orElse(0),
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
                Optional.of(batch.sources().getFirst().receipt().messageId()),
                properties.zipPattern());
    }
}
