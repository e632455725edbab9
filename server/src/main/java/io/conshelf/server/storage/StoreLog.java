package io.conshelf.server.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A store's lock together with its journal. A change runs under the lock and returns when its events are on the disk;
/// the wait for the disk is outside the lock, so that many changes share one flush.
final class StoreLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreLog.class);

    private final String store;
    private final Journal journal;
    private final LongSupplier liveBytes;
    private final Consumer<Consumer<byte[]>> snapshot;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long end;
    private boolean isClosed;

    /// @param store     for messages: "queue", "table", "blob"
    /// @param liveBytes about how long a fresh journal would be
    /// @param snapshot  offers the events that make the present state out of nothing
    StoreLog(String store, Journal journal, LongSupplier liveBytes, Consumer<Consumer<byte[]>> snapshot) {
        this.store = store;
        this.journal = journal;
        this.liveBytes = liveBytes;
        this.snapshot = snapshot;
    }

    <T> T change(Supplier<T> work) {
        T result;
        long position;
        lock.lock();
        try {
            result = work.get();
            position = end;
            rewriteIfWorthIt();
        } finally {
            lock.unlock();
        }
        try {
            journal.sync(position);
        } catch (IOException e) {
            throw failure("flushing", e);
        }
        return result;
    }

    /// As [#change] without waiting for the disk: for reads, and for what a crash may forget.
    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /// Called under the lock: the events that make the present state.
    List<byte[]> snapshot() {
        var events = new ArrayList<byte[]>();
        snapshot.accept(events::add);
        return events;
    }

    /// Called under the lock, before memory changes: what can't be written has not happened.
    void append(byte[] event) {
        try {
            end = journal.append(event);
        } catch (IOException e) {
            throw failure("writing", e);
        }
        changed.signalAll();
    }

    /// Called under the lock. Waits for the next change, at most so long; returns what is left of the time.
    long awaitChange(long nanos) throws InterruptedException {
        return isClosed ? 0 : changed.awaitNanos(nanos);
    }

    void lockInterruptibly() throws InterruptedException {
        lock.lockInterruptibly();
    }

    void unlock() {
        lock.unlock();
    }

    boolean isClosed() {
        return isClosed;
    }

    private void rewriteIfWorthIt() {
        if (!journal.isWorthRewriting(liveBytes)) {
            return;
        }
        try {
            journal.rewrite(snapshot);
        } catch (IOException e) {
            LOG.warn("the {} journal could not be rewritten and keeps growing", store, e);
        }
    }

    private StorageException failure(String doing, IOException cause) {
        LOG.error("{} the {} journal failed", doing, store, cause);
        return StorageException.io(doing + " the " + store + " journal", cause);
    }

    @Override public void close() throws IOException {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
            journal.close();
        } finally {
            lock.unlock();
        }
    }
}
