package io.conshelf.engine;

import java.util.Arrays;

/// What was used within the last span of time. The span is cut into parts, each of which counts until all of it lies outside, so
/// that what is told is at least what was used.
final class SlidingUse {
    private static final int PARTS = 60;

    private final long partTicks;
    private final long[] used = new long[PARTS + 1];
    private long newest = Long.MIN_VALUE;

    SlidingUse(long windowTicks) {
        this.partTicks = Math.max(1, windowTicks / PARTS);
    }

    /// Adds what was used at a time. What comes from before the span is taken for its beginning.
    void add(long ticks, long amount) {
        moveTo(ticks);
        used[at(Math.max(ticks / partTicks, newest - PARTS))] += amount;
    }

    long within(long ticks) {
        moveTo(ticks);
        return Arrays.stream(used).sum();
    }

    // Times of requests may come out of order; the latest is the one that counts.
    private void moveTo(long ticks) {
        long part = ticks / partTicks;
        if (newest == Long.MIN_VALUE || part - newest > PARTS) {
            Arrays.fill(used, 0);
            newest = part;
        }
        while (newest < part) {
            newest++;
            used[at(newest)] = 0;
        }
    }

    private int at(long part) {
        return Math.floorMod(part, used.length);
    }
}
