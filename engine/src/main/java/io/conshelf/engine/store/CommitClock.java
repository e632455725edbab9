package io.conshelf.engine.store;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// Gives numbers that only grow, also across restarts: the time in ticks, or one more than the last number where the clock
/// stands still or runs backwards. Extents and commits of a database are numbered by it.
final class CommitClock {
    private final InstantSource clock;
    private final AtomicLong last;

    CommitClock(InstantSource clock, long lastUsed) {
        this.clock = clock;
        this.last = new AtomicLong(lastUsed);
    }

    long next() {
        long now = nowTicks();
        return last.updateAndGet(before -> Math.max(before + 1, now));
    }

    /// The last number that was given.
    long last() {
        return last.get();
    }

    /// Gives only greater numbers from now on.
    void advanceTo(long used) {
        last.accumulateAndGet(used, Math::max);
    }

    long nowTicks() {
        return Moments.ticks(clock.instant());
    }
}
