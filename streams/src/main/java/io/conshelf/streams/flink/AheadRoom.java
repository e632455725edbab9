package io.conshelf.streams.flink;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// What all partitions of a process together have read ahead of those who work with it. When it is too much, each has one batch ahead and no more, so that all
/// go on.
final class AheadRoom {
    private static final int HEAP_SHARE = 16;
    static final AheadRoom OF_PROCESS = new AheadRoom(Runtime.getRuntime().maxMemory() / HEAP_SHARE);

    private final long bytesMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition given = lock.newCondition();
    private long bytes;

    AheadRoom(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void take(long bytes) {
        lock.lock();
        try {
            this.bytes += bytes;
        } finally {
            lock.unlock();
        }
    }

    void give(long bytes) {
        lock.lock();
        try {
            this.bytes -= bytes;
            given.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for so long where there is no room.
    ///
    /// @param mayAnyway whether it goes on without room; asked again whenever some is given, by whomever
    /// @return whether it goes on
    boolean await(Duration wait, BooleanSupplier mayAnyway) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = wait.toNanos();
            boolean goesOn = bytes < bytesMax || mayAnyway.getAsBoolean();
            while (!goesOn && left > 0) {
                left = given.awaitNanos(left);
                goesOn = bytes < bytesMax || mayAnyway.getAsBoolean();
            }
            return goesOn;
        } finally {
            lock.unlock();
        }
    }
}
