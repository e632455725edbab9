package io.conshelf.processor.run;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What one stage has done in one partition, since the run began. One thread writes, any reads.
public final class StageCounts {
    private final String id;
    private final String type;
    private final int partition;
    private final LongAdder incoming = new LongAdder();
    private final LongAdder outgoing = new LongAdder();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final LongAdder heartbeats = new LongAdder();
    private final Histogram latency = Histogram.ofTimes();

    StageCounts(String id, String type, int partition) {
        this.id = id;
        this.type = type;
        this.partition = partition;
    }

    void in() {
        incoming.increment();
    }

    void out() {
        outgoing.increment();
    }

    void error(String code) {
        errors.computeIfAbsent(code, _ -> new LongAdder()).increment();
    }

    void error(String code, long count) {
        errors.computeIfAbsent(code, _ -> new LongAdder()).add(count);
    }

    void beat() {
        heartbeats.increment();
    }

    void took(long nanos) {
        latency.took(nanos);
    }

    public String id() {
        return id;
    }

    public String type() {
        return type;
    }

    public int partition() {
        return partition;
    }

    /// Heartbeats that have come by.
    public long heartbeats() {
        return heartbeats.sum();
    }

    public long incoming() {
        return incoming.sum();
    }

    public long outgoing() {
        return outgoing.sum();
    }

    /// How many messages were lost to the stage or told as faults, by code.
    public Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }

    public Histogram latency() {
        return latency;
    }
}
