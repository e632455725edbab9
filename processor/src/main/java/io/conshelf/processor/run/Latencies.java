package io.conshelf.processor.run;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// How long something took, in buckets whose bounds double.
public final class Latencies {
    /// Upper bounds in seconds; what is longer is in the last bucket.
    public static final List<Double> BOUNDS = List.of(0.00001, 0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0);

    private static final long[] BOUND_NANOS = BOUNDS.stream().mapToLong(bound -> (long) (bound * 1e9)).toArray();

    private final AtomicLongArray buckets = new AtomicLongArray(BOUNDS.size() + 1);
    private final LongAdder nanos = new LongAdder();

    void add(long took) {
        int bucket = 0;
        while (bucket < BOUND_NANOS.length && took > BOUND_NANOS[bucket]) {
            bucket++;
        }
        buckets.incrementAndGet(bucket);
        nanos.add(took);
    }

    /// How many took at most the bound of this place; of the place behind the last, how many there are.
    public long upTo(int bound) {
        long count = 0;
        for (int bucket = 0; bucket <= bound; bucket++) {
            count += buckets.get(bucket);
        }
        return count;
    }

    public long count() {
        return upTo(BOUNDS.size());
    }

    public double sumSeconds() {
        return nanos.sum() / 1e9;
    }
}
