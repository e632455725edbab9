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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The order of the events of one partition: a timeline, or one for each key of `TIMESTAMP BY … OVER`.
final class PartitionOrder {
    private final EventOrdering ordering;
    private final SubstreamTimes times;
    private final long silenceMax;
    private final Map<Key, Timeline> timelines = new LinkedHashMap<>();
    /// Keys whose events may still wait, and up to which arrival all had been read when the last came; who is silent longest is first.
    private final Map<Key, Long> speaking = new LinkedHashMap<>();
    /// Of the last event, and when it was seen; both now where there was none.
    private long lastArrival = Long.MIN_VALUE;
    private long lastSeen;
    /// Up to which arrival all has been read; estimated where nothing comes.
    private long arrived = Long.MIN_VALUE;
    /// All that was there had been read at that time of the clock, so what comes since has arrived since, whatever is said of it. Not asked for where a limit
    /// for what is late is held against what is said.
    private long emptyAt = Long.MIN_VALUE;
    /// The latest time of an event that has been read.
    private long furthest = Long.MIN_VALUE;
    private boolean isEnded;
    /// Whose time may have gone on since it was told, and by events of which arrival.
    private final Map<Key, Long> changed = new LinkedHashMap<>();

    /// Takes the rows, and is told before of which timeline they are.
    interface Outlet extends Operator.Emit {
        void timeline(Key key);
    }

    interface Told {
        /// No row of this timeline at or before the time comes from the partition any more.
        ///
        /// @param arrival of the events that tell it
        void time(Key key, long watermark, long arrival);
    }

    /// @param silenceMax for how long, in arrival, events of a key wait for others that belong before them, where nothing else limits it
    /// @param state      as [#state] gave it; empty at the start
    PartitionOrder(EventOrdering ordering, SubstreamTimes times, long silenceMax, byte[] state) throws IOException {
        this.ordering = ordering;
        this.times = times;
        this.silenceMax = times == SubstreamTimes.OWN ? silenceMax : Long.MAX_VALUE;
        if (state.length > 0) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
            lastArrival = in.readLong();
            // the time in which nothing ran counts, too
            lastSeen = in.readLong();
            for (int count = BinaryValues.readCount(in); count > 0; count--) {
                timelines.put(Key.read(in), Timeline.read(in));
            }
            if (times == SubstreamTimes.OWN) {
                // earlier versions wrote no more
                if (in.available() > 0) {
                    emptyAt = in.readLong();
                    for (int count = BinaryValues.readCount(in); count > 0; count--) {
                        speaking.put(Key.read(in), in.readLong());
                    }
                }
                long since = Math.max(lastArrival, emptyAt);
                // whoever goes on knows none of them
                timelines.keySet().forEach(key -> changed.put(key, speaking.getOrDefault(key, since)));
                if (this.silenceMax == Long.MAX_VALUE) {
                    speaking.clear();
                } else {
                    timelines.entrySet().stream().filter(one -> !one.getValue().isEmpty()).forEach(one -> speaking.putIfAbsent(one.getKey(), since));
                }
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
            if (times == SubstreamTimes.OWN) {
                out.writeLong(emptyAt);
                BinaryValues.writeCount(speaking.size(), out);
                for (Map.Entry<Key, Long> key : speaking.entrySet()) {
                    key.getKey().write(out);
                    out.writeLong(key.getValue());
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    void event(Value.Record event, long arrival, Outlet out) {
        lastArrival = Math.max(lastArrival, arrival);
        long since = Math.max(lastArrival, emptyAt);
        if (!speaking.isEmpty()) {
            arrived = Math.max(arrived, since);
            settle(out);
        }
        ordering.timed(event, arrival).ifPresent(timed -> {
            furthest = Math.max(furthest, timed.row().ticks());
            Timeline timeline = timelines.get(timed.key());
            out.timeline(timed.key());
            if (timeline == null) {
                timeline = ordering.begin(timelines.getOrDefault(Key.NONE, new Timeline()));
                timelines.put(timed.key(), timeline);
                ordering.idle(timeline, lastArrival, out);
            }
            ordering.add(timeline, timed.row(), out);
            if (times == SubstreamTimes.OWN) {
                changed.put(timed.key(), since);
            }
            if (silenceMax != Long.MAX_VALUE) {
                speaking.remove(timed.key());
                speaking.put(timed.key(), since);
            }
        });
    }

    /// Lets go what waits of keys that have been silent for long.
    private void settle(Outlet out) {
        for (Iterator<Map.Entry<Key, Long>> all = speaking.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Key, Long> longest = all.next();
            if (longest.getValue() > arrived - silenceMax) {
                return;
            }
            all.remove();
            Timeline timeline = timelines.get(longest.getKey());
            if (timeline != null && !timeline.isEmpty()) {
                out.timeline(longest.getKey());
                ordering.settle(timeline, out);
                changed.put(longest.getKey(), longest.getValue());
            }
        }
    }

    /// Events have come. Where each key has a timeline, those that get none go by what may still arrive: a new key may be as late as the policy allows.
    void seen(Outlet out) {
        lastSeen = now();
        arrived = Math.max(arrived, lastArrival);
        settle(out);
        if (timelines.size() > 1 && goesOnByItself()) {
            timelinesIdle(lastArrival, out);
            long bound = timelines.get(Key.NONE).watermark();
            // a key that comes again begins there
            timelines.entrySet().removeIf(one -> one.getKey() != Key.NONE && one.getValue().isEmpty() && one.getValue().watermark() <= bound);
        }
    }

    /// Nothing has come for a moment, and everything has been read that was there at this time of the clock.
    void idle(long readUpTo, Outlet out) {
        long estimated = lastArrival == Long.MIN_VALUE ? readUpTo : lastArrival + Math.max(0, readUpTo - lastSeen);
        if (!ordering.goesOnByItself()) {
            emptyAt = Math.max(emptyAt, readUpTo);
        }
        arrived = Math.max(arrived, Math.max(estimated, emptyAt));
        settle(out);
        if (goesOnByItself()) {
            timelinesIdle(estimated, out);
        }
    }

    /// Up to which arrival all has been read.
    long arrived() {
        return isEnded ? Long.MAX_VALUE : arrived;
    }

    /// The latest time of an event that has been read.
    long furthest() {
        return isEnded ? Long.MAX_VALUE : furthest;
    }

    /// A key's own time goes on with its events alone, unless it is known how late they may be.
    private boolean goesOnByItself() {
        return times != SubstreamTimes.OWN || ordering.goesOnByItself();
    }

    private void timelinesIdle(long arrival, Outlet out) {
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
        changed.forEach((key, arrival) -> {
            Timeline timeline = timelines.get(key);
            if (timeline != null && !key.equals(Key.NONE) && timeline.watermark() > Long.MIN_VALUE) {
                out.time(key, timeline.watermark(), arrival);
            }
        });
        changed.clear();
    }

    private static long now() {
        return Ticks.of(Instant.now());
    }
}
