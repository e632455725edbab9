package io.conshelf.processor.source;

import java.time.Duration;

/// The pause between two answers; there is none before the first.
final class Interval {
    private final long nanos;
    private long end = System.nanoTime();

    Interval(Duration length) {
        this.nanos = length.toNanos();
    }

    void begin() {
        end = System.nanoTime() + nanos;
    }

    void await() throws InterruptedException {
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }
}
