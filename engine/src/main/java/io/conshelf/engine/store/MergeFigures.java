package io.conshelf.engine.store;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What has come of merging extents since the storage was opened.
public final class MergeFigures {
    private final AtomicInteger inProgress = new AtomicInteger();
    private final AtomicLong completed = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    public void begin() {
        inProgress.incrementAndGet();
    }

    public void succeed() {
        inProgress.decrementAndGet();
        completed.incrementAndGet();
    }

    public void fail() {
        inProgress.decrementAndGet();
        failed.incrementAndGet();
    }

    public int inProgress() {
        return inProgress.get();
    }

    /// Of a hundred merges; nothing before the first.
    public OptionalDouble successRate() {
        long good = completed.get();
        long all = good + failed.get();
        return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * good / all);
    }
}
