package io.conshelf.streams.output;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of rows wait for their files, in all writers of a process together.
final class HeldBytes {
    /// What they may take of the heap. A byte is there up to four times while a checkpoint is written: where it waits, in the state of its task, in the copy that
    /// Flink makes of that, and in what is prepared.
    private static final int HEAP_SHARE = 16;
    /// Rows of one file stand in one array, as does all that a checkpoint of a task prepares.
    private static final long BYTES_MAX = 512 << 20;
    static final HeldBytes OF_PROCESS = new HeldBytes(ofHeap(Runtime.getRuntime().maxMemory()));

    private final long max;
    private final AtomicLong held = new AtomicLong();
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

    /// Whether more is held than may be, and this holder has more than its part, so that it is the one to let go.
    boolean isTooMuch(long own) {
        return isAbove(max, own);
    }

    /// The same of what may outlive a checkpoint, which every further one has to write again.
    boolean isTooMuchToKeep(long own) {
        return isAbove(max / 2, own);
    }

    private boolean isAbove(long limit, long own) {
        return held.get() > limit && own > limit / Math.max(1, holders.get());
    }
}
