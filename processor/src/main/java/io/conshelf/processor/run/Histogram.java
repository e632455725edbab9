package io.conshelf.processor.run;

import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/// How often something had which size. Any thread adds, any reads.
public final class Histogram {
    private static final List<Double> MILLISECONDS = List.of(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0);
    private static final List<Double> RATIOS = List.of(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0);
    private static final double NANOS_A_MILLISECOND = 1e6;

    private final List<Double> bounds;
    private final double[] upper;
    private final AtomicLongArray buckets;
    private final DoubleAdder sum = new DoubleAdder();

    private Histogram(List<Double> bounds) {
        this.bounds = bounds;
        this.upper = bounds.stream().mapToDouble(Double::doubleValue).toArray();
        this.buckets = new AtomicLongArray(upper.length + 1);
    }

    /// Of how long something took, in milliseconds.
    static Histogram ofTimes() {
        return new Histogram(MILLISECONDS);
    }

    /// Of parts of a whole, 0 to 1.
    static Histogram ofRatios() {
        return new Histogram(RATIOS);
    }

    void took(long nanos) {
        add(nanos / NANOS_A_MILLISECOND);
    }

    void add(double size) {
        int bucket = 0;
        while (bucket < upper.length && size > upper[bucket]) {
            bucket++;
        }
        buckets.incrementAndGet(bucket);
        sum.add(size);
    }

    /// Of the buckets; what is larger than the last is in one behind it.
    public List<Double> bounds() {
        return bounds;
    }

    /// How many had at most the bound of this place; of the place behind the last, how many there are.
    public long upTo(int bound) {
        long count = 0;
        for (int bucket = 0; bucket <= bound; bucket++) {
            count += buckets.get(bucket);
        }
        return count;
    }

    public long count() {
        return upTo(upper.length);
    }

    public double sum() {
        return sum.sum();
    }
}
