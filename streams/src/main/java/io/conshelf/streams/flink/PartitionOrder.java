package io.conshelf.streams.flink;

import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.operator.EventOrdering.Timeline;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/// The order of the events of one partition: a timeline, or one for each key of `TIMESTAMP BY … OVER`.
final class PartitionOrder {
    private final EventOrdering ordering;
    private final SubstreamTimes times;
    private final Map<Key, Timeline> timelines = new LinkedHashMap<>();
    /// Of the last event, and when it was seen; both now where there was none.
    private long lastArrival = Long.MIN_VALUE;
    private long lastSeen;
    private boolean isEnded;
    /// Whose time may have gone on since it was told.
    private final Set<Key> changed = new LinkedHashSet<>();

    /// Takes the rows, and is told before of which timeline they are.
    interface Outlet extends Operator.Emit {
        void timeline(Key key);
    }

    interface Told {
        /// No row of this timeline at or before the time comes from the partition any more.
        void time(Key key, long watermark);
    }

    /// @param state as [#state] gave it; empty at the start
    PartitionOrder(EventOrdering ordering, SubstreamTimes times, byte[] state) throws IOException {
        this.ordering = ordering;
        this.times = times;
        if (state.length > 0) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
            lastArrival = in.readLong();
            // the time in which nothing ran counts, too
            lastSeen = in.readLong();
            for (int count = BinaryValues.readCount(in); count > 0; count--) {
                timelines.put(Key.read(in), Timeline.read(in));
            }
            if (times == SubstreamTimes.OWN) {
                // whoever goes on knows none of them
                changed.addAll(timelines.keySet());
            }
        } else {
            timelines.put(Key.NONE, new Timeline());
            lastSeen = now();
        }
    }

    byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeLong(lastArrival);
            out.writeLong(lastSeen);
            BinaryValues.writeCount(timelines.size(), out);
            for (Map.Entry<Key, Timeline> timeline : timelines.entrySet()) {
                timeline.getKey().write(out);
                timeline.getValue().write(out);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    void event(Value.Record event, long arrival, Outlet out) {
        lastArrival = Math.max(lastArrival, arrival);
        ordering.timed(event, arrival).ifPresent(timed -> {
            Timeline timeline = timelines.get(timed.key());
            out.timeline(timed.key());
            if (timeline == null) {
                timeline = ordering.begin(timelines.getOrDefault(Key.NONE, new Timeline()));
                timelines.put(timed.key(), timeline);
                ordering.idle(timeline, lastArrival, out);
            }
            ordering.add(timeline, timed.row(), out);
            if (times == SubstreamTimes.OWN) {
                changed.add(timed.key());
            }
        });
    }

    /// Events have come. Where each key has a timeline, those that get none go by what may still arrive: a new key may be as late as the policy allows.
    void seen(Outlet out) {
        lastSeen = now();
        if (timelines.size() > 1 && goesOnByItself()) {
            idle(lastArrival, out);
            long bound = timelines.get(Key.NONE).watermark();
            // a key that comes again begins there
            timelines.entrySet().removeIf(one -> one.getKey() != Key.NONE && one.getValue().isEmpty() && one.getValue().watermark() <= bound);
        }
    }

    /// Nothing has come for a moment, and everything that is there has been read.
    void idle(Outlet out) {
        if (!goesOnByItself()) {
            return;
        }
        long estimated = lastArrival == Long.MIN_VALUE ? now() : lastArrival + Math.max(0, now() - lastSeen);
        idle(estimated, out);
    }

    /// A key's own time goes on with its events alone, unless it is known how late they may be.
    private boolean goesOnByItself() {
        return times != SubstreamTimes.OWN || ordering.goesOnByItself();
    }

    private void idle(long arrival, Outlet out) {
        timelines.forEach((key, timeline) -> {
            out.timeline(key);
            ordering.idle(timeline, arrival, out);
        });
    }

    void end(Outlet out) {
        timelines.forEach((key, timeline) -> {
            out.timeline(key);
            ordering.end(timeline, out);
        });
        // the end is told for all together
        changed.clear();
        isEnded = true;
    }

    boolean isEnded() {
        return isEnded;
    }

    /// No row at or before this time comes from the partition any more.
    long watermark() {
        if (isEnded) {
            return Long.MAX_VALUE;
        }
        long watermark = Long.MAX_VALUE;
        for (Timeline timeline : timelines.values()) {
            watermark = Math.min(watermark, timeline.watermark());
        }
        return watermark;
    }

    /// Tells the times of keys that have had events since. That of all others is [#watermark].
    void tell(Told out) {
        for (Key key : changed) {
            Timeline timeline = timelines.get(key);
            if (timeline != null && !key.equals(Key.NONE) && timeline.watermark() > Long.MIN_VALUE) {
                out.time(key, timeline.watermark());
            }
        }
        changed.clear();
    }

    private static long now() {
        return Ticks.of(Instant.now());
    }
}
