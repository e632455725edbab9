package io.conshelf.streams.flink;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// The rows that wait in this process, in steps that rows flow between, until time has come to them: where one partition is far behind, those of all others.
/// When there are too many, the partition that is furthest behind is read alone, as it is what all wait for; the others stay where they are stored.
final class HeldRoom {
    static final long ROWS_MAX = 1_000_000;
    /// What may be held of the heap, by a guess at what a row takes.
    private static final int HEAP_SHARE = 4;
    private static final long ROW_BYTES = 256;
    private static final int BYTES_FOR_READ = 4;

    private final long rowsMax;
    private final RunCounters counters;
    private final AtomicLong held = new AtomicLong();
    private final Map<Object, Long> times = new ConcurrentHashMap<>();
    private final Set<Runnable> readers = ConcurrentHashMap.newKeySet();
    private volatile boolean isAwaited;
    private volatile Standing standing = new Standing(Long.MAX_VALUE, 0);

    private record Standing(long bound, long sinceNs) {}

    HeldRoom(long rowsMax, RunCounters counters) {
        this.rowsMax = rowsMax;
        this.counters = counters;
    }

    /// @param woken told when more may be read
    void enter(Runnable woken) {
        readers.add(woken);
    }

    void leave(Runnable woken) {
        readers.remove(woken);
    }

    /// @param difference from what was told before
    void held(long difference) {
        held.addAndGet(difference);
        if (difference < 0) {
            wake();
        }
    }

    long held() {
        return held.get();
    }

    private boolean isFull() {
        long rows = held.get();
        return rows > 0 && rows >= limit();
    }

    /// Twice as many wait as may: reading only what is behind has not helped.
    boolean isOverfull() {
        long rows = held.get();
        return rows > 0 && rows >= 2 * limit();
    }

    /// Far fewer wait than may.
    boolean hasRoom() {
        return held.get() < limit() / 4;
    }

    private long limit() {
        long events = Math.max(1, counters.inputEvents.sum());
        long bytes = ROW_BYTES + BYTES_FOR_READ * (counters.inputBytes.sum() / events);
        return Math.min(rowsMax, Runtime.getRuntime().maxMemory() / HEAP_SHARE / bytes);
    }

    /// The partition's rows have come up to this time.
    void time(Object partition, long watermark) {
        Long before = times.put(partition, watermark);
        if (before == null || before != watermark) {
            wake();
        }
    }

    void gone(Object partition) {
        if (times.remove(partition) != null) {
            wake();
        }
    }

    /// Partitions that have come further than this time are not read now.
    long bound() {
        return isFull() ? least() : Long.MAX_VALUE;
    }

    /// Somebody waits for another bound: who has entered is told of it. What changed before nobody is told, so the bound is to be asked for again.
    void await() {
        isAwaited = true;
    }

    /// For how long the bound has stood.
    Duration standing(long bound) {
        Standing before = standing;
        if (bound == Long.MAX_VALUE || bound != before.bound()) {
            if (bound != before.bound()) {
                standing = new Standing(bound, System.nanoTime());
            }
            return Duration.ZERO;
        }
        return Duration.ofNanos(System.nanoTime() - before.sinceNs());
    }

    private long least() {
        long least = Long.MAX_VALUE;
        for (long time : times.values()) {
            least = Math.min(least, time);
        }
        return least;
    }

    private void wake() {
        if (isAwaited) {
            isAwaited = false;
            readers.forEach(Runnable::run);
        }
    }
}
