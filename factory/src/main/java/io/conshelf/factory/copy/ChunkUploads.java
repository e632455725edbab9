package io.conshelf.factory.copy;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.BlobContent;
import io.conshelf.connectors.kusto.IngestionBatch;
import io.conshelf.connectors.kusto.IngestionOutcome;
import io.conshelf.connectors.kusto.IngestionSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends chunks to a table while the next ones are being read: a few at a time.
final class ChunkUploads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkUploads.class);
    private static final int UPLOADS_MAX = 2;
    private static final Duration CLOSING_MAX = Duration.ofMinutes(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final TableSink sink;
    private final IngestionBatch batch;
    private final Tally tally;
    private final Semaphore slots = new Semaphore(UPLOADS_MAX);
    private final Phaser running = new Phaser(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch allSent = new CountDownLatch(1);
    /// Looks what has become of the chunks while more are read: a copy need not read on when the cluster refuses what it got.
    private final Thread watch = Thread.ofVirtual().name("copy-watch").unstarted(this::watch);
    private final AtomicBoolean isWatched = new AtomicBoolean();

    ChunkUploads(TableSink sink, Tally tally) {
        this.sink = sink;
        this.tally = tally;
        tally.stage("staging");
        this.batch = sink.database().cluster().batch(sink.database().name(), sink.table(), tally.copy());
    }

    IngestionBatch batch() {
        return batch;
    }

    /// Takes a finished chunk.
    void send(BlobContent chunk, String source, IngestionSettings settings, BatchId id) throws StoreException, InterruptedException {
        try {
            check();
            slots.acquire();
        } catch (StoreException | InterruptedException | RuntimeException | Error stopped) {
            chunk.close();
            throw stopped;
        }
        running.register();
        Thread.ofVirtual().name("copy-upload").start(() -> {
            try (chunk) {
                if (failure.get() == null) {
                    batch.add(chunk, source, settings, id);
                    tally.stagedChunk();
                    if (sink.waits() && isWatched.compareAndSet(false, true)) {
                        watch.start();
                    }
                }
            } catch (StoreException | RuntimeException | Error thrown) {
                failure.compareAndSet(null, thrown);
            } finally {
                slots.release();
                running.arriveAndDeregister();
            }
        });
    }

    /// Tells who is still reading when there is nothing more to read for: the copy is cancelled, or the cluster has refused a chunk of it.
    void goesOn() throws StoreException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (failure.get() != null) {
            check();
        }
    }

    private void watch() {
        try {
            while (!allSent.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                batch.look(tally::ingestedChunk);
            }
        } catch (StoreException | RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        } catch (InterruptedException never) {
            throw new AssertionError(never);
        }
    }

    /// Waits until everything has been sent and, unless the sink says otherwise, until the cluster has dealt with it.
    void finish() throws StoreException, InterruptedException {
        running.awaitAdvanceInterruptibly(running.arrive());
        allSent.countDown();
        if (isWatched.get()) {
            watch.join();
        }
        check();
        if (!sink.waits()) {
            tally.copied(OptionalLong.of(tally.rowsRead()));
            return;
        }
        Instant since = tally.now();
        tally.stage("ingesting");
        IngestionOutcome outcome = batch.await(tally::ingestedChunk);
        tally.copied(outcome.rows());
        tally.ingested(since);
    }

    private void check() throws StoreException {
        switch (failure.get()) {
            case null -> {}
            case StoreException store -> throw store;
            case RuntimeException defect -> throw defect;
            case Error error -> throw error;
            case Throwable other -> throw new AssertionError(other);
        }
    }

    /// Breaks off the uploads of a copy that failed or was cancelled, and waits for them to end: their files are theirs, and who is told that
    /// a copy was cancelled finds no rows arriving after that.
    @Override
    public void close() {
        allSent.countDown();
        batch.stop();
        running.arriveAndDeregister();
        if (!haveEnded(System.nanoTime() + CLOSING_MAX.toNanos())) {
            LOG.warn("Uploads into table '{}' are still running {} minutes after their copy ended; their rows may arrive yet", sink.table(), CLOSING_MAX.toMinutes());
        }
    }

    private boolean haveEnded(long deadlineNanos) {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return slots.tryAcquire(UPLOADS_MAX, deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException cancelled) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
