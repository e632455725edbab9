package io.conshelf.processor.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// What a run has done since it began, for whoever shows it. Any thread reads.
public final class RunCounts {
    private static final int TOLD_MAX = 20;
    private static final Duration BETWEEN_LOGS = Duration.ofSeconds(30);

    final LongAdder received = new LongAdder();
    final LongAdder repeated = new LongAdder();
    final LongAdder dispatched = new LongAdder();
    final LongAdder blockedNanos = new LongAdder();
    final LongAdder checkpointsBegun = new LongAdder();
    final LongAdder checkpointsComplete = new LongAdder();
    final LongAdder checkpointErrors = new LongAdder();
    final LongAdder deadLetters = new LongAdder();
    final LongAdder acknowledged = new LongAdder();
    final LongAdder sent = new LongAdder();
    final AtomicLong checkpointBytes = new AtomicLong();
    final LongAdder heartbeats = new LongAdder();
    final LongAdder heartbeatsHanded = new LongAdder();
    final Histogram readerLatency = Histogram.ofTimes();
    private final Collection<PartitionCounts> partitions = new ConcurrentLinkedQueue<>();
    private final Map<String, LongAdder> readerErrors = new ConcurrentHashMap<>();
    private final Collection<StageCounts> stages = new ConcurrentLinkedQueue<>();
    private final Deque<Told> told = new ArrayDeque<>();
    private final Map<String, Instant> logged = new HashMap<>();
    private volatile Instant lastReceived = Instant.EPOCH;

    /// Something that went wrong, and how often it did in the same words.
    public record Told(Instant first, Instant last, String stage, String code, String message, long count) {}

    StageCounts stage(String id, String type, int partition) {
        StageCounts counts = new StageCounts(id, type, partition);
        stages.add(counts);
        return counts;
    }

    PartitionCounts partition(int number) {
        PartitionCounts counts = new PartitionCounts(number);
        partitions.add(counts);
        return counts;
    }

    void received(Instant at, int count) {
        lastReceived = at;
        received.add(count);
    }

    void readerError(String code) {
        readerErrors.computeIfAbsent(code, _ -> new LongAdder()).increment();
    }

    /// @return whether it belongs in a log: of what is of one kind, one now and then
    boolean tell(Instant at, String stage, String code, String message) {
        return tell(at, stage, code, message, 1);
    }

    boolean tell(Instant at, String stage, String code, String message, long count) {
        synchronized (told) {
            Instant before = logged.get(stage + ' ' + code);
            boolean isLogged = before == null || before.plus(BETWEEN_LOGS).isBefore(at);
            if (isLogged) {
                logged.put(stage + ' ' + code, at);
            }
            for (Told one : told) {
                if (one.stage().equals(stage) && one.code().equals(code) && one.message().equals(message)) {
                    told.remove(one);
                    told.addLast(new Told(one.first(), at, stage, code, message, one.count() + count));
                    return isLogged;
                }
            }
            if (told.size() == TOLD_MAX) {
                told.removeFirst();
            }
            told.addLast(new Told(at, at, stage, code, message, count));
            return isLogged;
        }
    }

    /// Messages that came, without those that came again.
    public long received() {
        return received.sum();
    }

    /// Deliveries of messages that had come before.
    public long repeated() {
        return repeated.sum();
    }

    /// Messages that were handed to partitions.
    public long dispatched() {
        return dispatched.sum();
    }

    /// Messages of which all that comes is kept; whose sender waits for it was told.
    public long acknowledged() {
        return acknowledged.sum();
    }

    /// Messages that the destination has for good.
    public long sent() {
        return sent.sum();
    }

    /// Messages that are kept aside.
    public long deadLetters() {
        return deadLetters.sum();
    }

    public long checkpointsBegun() {
        return checkpointsBegun.sum();
    }

    public long checkpointsComplete() {
        return checkpointsComplete.sum();
    }

    public long checkpointErrors() {
        return checkpointErrors.sum();
    }

    /// The size of the latest one.
    public long checkpointBytes() {
        return checkpointBytes.get();
    }

    /// How long the reader has waited for partitions that were full.
    public double blockedSeconds() {
        return blockedNanos.sum() / 1e9;
    }

    /// To decode a message and to find its partition.
    public Histogram readerLatency() {
        return readerLatency;
    }

    /// Heartbeats begun.
    public long heartbeats() {
        return heartbeats.sum();
    }

    /// Heartbeats that a reader which reads has handed to the partitions.
    public long heartbeatsHanded() {
        return heartbeatsHanded.sum();
    }

    /// In the order of their numbers.
    public List<PartitionCounts> partitions() {
        return List.copyOf(partitions);
    }

    /// Batches that partitions wait for the destination to take or refuse.
    public int awaited() {
        return partitions.stream().mapToInt(PartitionCounts::awaited).sum();
    }

    /// Messages that have gone all their way.
    public long taken() {
        return partitions.stream().mapToLong(partition -> partition.latency().count()).sum();
    }

    /// How long all of them took together.
    public double takenSeconds() {
        return partitions.stream().mapToDouble(partition -> partition.latency().sum()).sum() / 1e3;
    }

    /// Messages that could not be decoded or partitioned, by code.
    public Map<String, Long> readerErrors() {
        Map<String, Long> counts = new TreeMap<>();
        readerErrors.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }

    /// By stage and partition.
    public List<StageCounts> stages() {
        return List.copyOf(stages);
    }

    public long errors() {
        return readerErrors().values().stream().mapToLong(Long::longValue).sum()
                + stages.stream().flatMap(stage -> stage.errors().values().stream()).mapToLong(Long::longValue).sum();
    }

    /// What went wrong, the latest last.
    public List<Told> told() {
        synchronized (told) {
            return new ArrayList<>(told);
        }
    }

    public Optional<Instant> lastReceived() {
        return Optional.of(lastReceived).filter(at -> at.isAfter(Instant.EPOCH));
    }
}
