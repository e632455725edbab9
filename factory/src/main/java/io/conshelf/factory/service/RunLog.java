package io.conshelf.factory.service;

import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what runs report. What many activities report at once is written together; who needs to know waits.
final class RunLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
    private static final int WAITING_MAX = 10_000;
    private static final int BATCH_MAX = 500;
    private static final long RETRY_MS = 1_000;
    private static final long LOOK_MS = 1_000;

    private final ServiceStore store;
    private final LinkedBlockingQueue<Entry> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
    private final Thread writer;
    private volatile boolean isClosing;
    // Set by the writer, after which nothing is taken any more.
    private volatile boolean hasEnded;

    /// @param isToStay tried again until it is written; what somebody waits for fails instead
    private record Entry(List<Change> changes, CompletableFuture<Void> written, boolean isToStay) {}

    RunLog(ServiceStore store) {
        this.store = store;
        this.writer = Thread.ofVirtual().name("factory run log").start(this::write);
    }

    /// Remembers with the next write. Waits while too much waits to be written.
    ///
    /// @return done when it is written; failed when this was closed before
    CompletableFuture<Void> add(List<Change> changes) {
        return enqueue(new Entry(changes, new CompletableFuture<>(), true));
    }

    /// Remembers, durably when this returns; tried until it succeeds or this is closed.
    void addDurably(List<Change> changes) {
        enqueue(new Entry(changes, new CompletableFuture<>(), true)).join();
    }

    /// Remembers, durably when this returns, or fails.
    void require(List<Change> changes) {
        try {
            enqueue(new Entry(changes, new CompletableFuture<>(), false)).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
        }
    }

    private CompletableFuture<Void> enqueue(Entry entry) {
        boolean wasInterrupted = false;
        boolean isTaken = false;
        while (!isTaken && !hasEnded) {
            try {
                isTaken = waiting.offer(entry, LOOK_MS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException cancelled) {
                // A cancelled run is remembered as well.
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (hasEnded) {
            // The writer looked for what was left before this came, perhaps. What it has written stays written.
            waiting.remove(entry);
            refuse(entry);
        }
        return entry.written();
    }

    private static void refuse(Entry entry) {
        entry.written().completeExceptionally(new IllegalStateException("the service is closed"));
    }

    private void write() {
        try {
            writeAll();
        } finally {
            hasEnded = true;
            List<Entry> late = new ArrayList<>();
            waiting.drainTo(late);
            late.forEach(RunLog::refuse);
        }
    }

    private void writeAll() {
        List<Entry> batch = new ArrayList<>();
        while (!isClosing || !waiting.isEmpty() || !batch.isEmpty()) {
            try {
                if (batch.isEmpty()) {
                    batch.add(waiting.take());
                    waiting.drainTo(batch, BATCH_MAX);
                }
                store.change(batch.stream().flatMap(entry -> entry.changes().stream()).toList());
                batch.forEach(entry -> entry.written().complete(null));
                batch.clear();
            } catch (InterruptedException closing) {
                // The loop looks whether anything is left.
            } catch (RuntimeException | Error failure) {
                // Also when the memory was short for once: without this thread no run would end.
                batch = survivors(batch, failure);
            }
        }
    }

    private List<Entry> survivors(List<Entry> batch, Throwable failure) {
        batch.stream().filter(entry -> !entry.isToStay()).forEach(entry -> entry.written().completeExceptionally(failure));
        List<Entry> staying = new ArrayList<>(batch.stream().filter(Entry::isToStay).toList());
        if (!staying.isEmpty()) {
            LOG.warn("What runs report is not written down yet: {}", failure.getMessage());
            if (isClosing) {
                // The next start finds these runs as interrupted.
                staying.forEach(entry -> entry.written().completeExceptionally(failure));
                return new ArrayList<>();
            }
            try {
                Thread.sleep(RETRY_MS);
            } catch (InterruptedException closing) {
                // One more attempt, and then the loop ends.
            }
        }
        return staying;
    }

    @Override
    public void close() {
        isClosing = true;
        writer.interrupt();
        try {
            writer.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
