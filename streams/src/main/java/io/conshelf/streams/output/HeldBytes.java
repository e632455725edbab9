package io.conshelf.streams.output;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of rows wait for their files, in all writers of a process together, and how many have left them and are not written yet.
final class HeldBytes {
    /// What they may take of the heap. A byte is there up to four times while a checkpoint is written: where it waits, in the state of its task, in the copy that
    /// Flink makes of that, and in what is prepared.
    private static final int HEAP_SHARE = 16;
    /// Of what a writer may hold: no less is written beside what is prepared.
    private static final int FILE_SHARE = 4;
    /// Rows of one file stand in one array, as does all that a checkpoint of a task prepares.
    private static final long BYTES_MAX = 512 << 20;
    static final HeldBytes OF_PROCESS = new HeldBytes(ofHeap(Runtime.getRuntime().maxMemory()));

    private final long max;
    private final AtomicLong held = new AtomicLong();
    /// What is not held any more and is not written yet: it waits for its checkpoint, or for the store.
    private final AtomicLong prepared = new AtomicLong();
    private final AtomicInteger holders = new AtomicInteger();

    HeldBytes(long max) {
        this.max = max;
    }

    static long ofHeap(long heap) {
        return Math.min(heap / HEAP_SHARE, BYTES_MAX);
    }

    void enter() {
        holders.incrementAndGet();
    }

    void leave() {
        holders.decrementAndGet();
    }

    void add(long difference) {
        held.addAndGet(difference);
    }

    void addPrepared(long difference) {
        prepared.addAndGet(difference);
    }

    /// Whether more is held than may be, and this holder has more than its part, so that it is the one to let go; not in files that are too small to be worth
    /// it, as long as most is prepared.
    boolean isTooMuch(long own, long ownPrepared) {
        long part = max / Math.max(1, holders.get());
        return held.get() + prepared.get() > max && own + ownPrepared > part && own > part / FILE_SHARE;
    }

    /// Whether so much is prepared that no more may be, as where no checkpoint is complete, and this holder has more than its part of it.
    boolean isTooMuchPrepared(long ownPrepared) {
        return prepared.get() > max / 2 && ownPrepared > max / 2 / Math.max(1, holders.get());
    }

    /// The same of what may outlive a checkpoint, which every further one has to write again.
    boolean isTooMuchToKeep(long own) {
        return held.get() > max / 2 && own > max / 2 / Math.max(1, holders.get());
    }
}
