package io.conshelf.cli.bench.jobs;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What a run has read and written, in this process: how long it took from the first event to the last row, and how much came of it. One run at a time.
final class Tally {
    private static final AtomicLong FIRST = new AtomicLong();
    private static final AtomicLong LAST = new AtomicLong();
    private static final LongAdder ROWS = new LongAdder();
    private static final LongAdder BYTES = new LongAdder();

    private Tally() {}

    static void start() {
        FIRST.set(0);
        LAST.set(0);
        ROWS.reset();
        BYTES.reset();
    }

    static void read() {
        if (FIRST.get() == 0) {
            FIRST.compareAndSet(0, System.nanoTime());
        }
    }

    /// What one writer has written in all.
    static void wrote(long rows, long bytes) {
        ROWS.add(rows);
        BYTES.add(bytes);
        LAST.accumulateAndGet(System.nanoTime(), Math::max);
    }

    static long rows() {
        return ROWS.sum();
    }

    static double seconds() {
        return (LAST.get() - FIRST.get()) / 1e9;
    }
}
