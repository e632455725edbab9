package io.conshelf.processor.run;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/// What one physical partition has done, since the run began. Any thread reads.
public final class PartitionCounts {
    private static final long ASKED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int number;
    private final LongAdder handed = new LongAdder();
    private final Histogram latency = Histogram.ofTimes();
    private final Histogram internalLatency = Histogram.ofTimes();
    private final Histogram blocked = Histogram.ofRatios();
    private volatile int awaited;
    private long sinceNanos = System.nanoTime();
    private long waitedNanos;

    PartitionCounts(int number) {
        this.number = number;
    }

    void handed() {
        handed.increment();
    }

    /// A message has gone all its way.
    ///
    /// @param externalNanos of them, while others were asked
    void took(long nanos, long externalNanos) {
        latency.took(nanos);
        internalLatency.took(nanos - externalNanos);
    }

    /// The partition's thread has waited for messages.
    void waited(long beganNanos, long endedNanos) {
        waitedNanos += endedNanos - beganNanos;
        if (endedNanos - sinceNanos >= ASKED_NANOS) {
            blocked.add(Math.clamp(waitedNanos / (double) (endedNanos - sinceNanos), 0, 1));
            sinceNanos = endedNanos;
            waitedNanos = 0;
        }
    }

    void awaits(int batches) {
        awaited = batches;
    }

    /// So many batches may still be refused, and the partition goes on, or ends, when that is known of some of them; 0 where it waits for none.
    public int awaited() {
        return awaited;
    }

    public int number() {
        return number;
    }

    /// Messages that the reader handed to it.
    public long incoming() {
        return handed.sum();
    }

    /// From a message's receipt to its arrival at the destination.
    public Histogram latency() {
        return latency;
    }

    /// The same without the time that others took who were asked for something.
    public Histogram internalLatency() {
        return internalLatency;
    }

    /// How much of its time it waited for messages, second by second.
    public Histogram blocked() {
        return blocked;
    }
}
