package io.conshelf.streams.flink;

import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.operator.EventOrdering.Timeline;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operator;
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
import java.util.Map;

/// The order of the events of one partition: a timeline, or one for each key of `TIMESTAMP BY … OVER`.
final class PartitionOrder {
    private final EventOrdering ordering;
    private final Map<Key, Timeline> timelines = new LinkedHashMap<>();
    /// Of the last event, and when it was seen; both now where there was none.
    private long lastArrival = Long.MIN_VALUE;
    private long lastSeen;
    private boolean isEnded;

    /// @param state as [#state] gave it; empty at the start
    PartitionOrder(EventOrdering ordering, byte[] state) throws IOException {
        this.ordering = ordering;
        if (state.length > 0) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
            lastArrival = in.readLong();
            for (int count = BinaryValues.readCount(in); count > 0; count--) {
                timelines.put(Key.read(in), Timeline.read(in));
            }
        } else {
            timelines.put(Key.NONE, new Timeline());
        }
        lastSeen = now();
    }

    byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            out.writeLong(lastArrival);
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

    void event(Value.Record event, long arrival, Operator.Emit out) {
        lastArrival = Math.max(lastArrival, arrival);
        ordering.timed(event, arrival).ifPresent(timed -> {
            Timeline timeline = timelines.get(timed.key());
            if (timeline == null) {
                timeline = new Timeline();
                timelines.put(timed.key(), timeline);
                ordering.idle(timeline, lastArrival, out);
            }
            ordering.add(timeline, timed.row(), out);
        });
    }

    /// Events have come. Where each key has a timeline, those that get none go by what may still arrive: a new key may be as late as the policy allows.
    void seen(Operator.Emit out) {
        lastSeen = now();
        if (timelines.size() > 1) {
            timelines.values().forEach(timeline -> ordering.idle(timeline, lastArrival, out));
            long bound = timelines.get(Key.NONE).watermark();
            // a key that comes again begins there
            timelines.entrySet().removeIf(one -> one.getKey() != Key.NONE && one.getValue().isEmpty() && one.getValue().watermark() <= bound);
        }
    }

    /// Nothing has come for a moment, and everything that is there has been read.
    void idle(Operator.Emit out) {
        long estimated = lastArrival == Long.MIN_VALUE ? now() : lastArrival + Math.max(0, now() - lastSeen);
        timelines.values().forEach(timeline -> ordering.idle(timeline, estimated, out));
    }

    void end(Operator.Emit out) {
        timelines.values().forEach(timeline -> ordering.end(timeline, out));
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

    private static long now() {
        return Ticks.of(Instant.now());
    }
}
