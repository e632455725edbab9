package io.conshelf.streams.flink;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/// Up to which time the rows of each substream have come, as marks tell it ([InBand]).
final class SubstreamBounds {
    private final Map<Value.Array, Map<String, Long>> told = new LinkedHashMap<>();
    /// Of before a restart, whose senders may be others.
    private final Map<Value.Array, Long> before = new LinkedHashMap<>();

    /// That of all, of which some may be ahead.
    private long passed = Long.MIN_VALUE;

    void passed(long ticks) {
        passed = Math.max(passed, ticks);
        told.values().removeIf(senders -> least(senders) <= passed);
        before.values().removeIf(time -> time <= passed);
    }

    private static long least(Map<String, Long> senders) {
        return senders.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    void mark(Row mark) {
        Value.Array substream = InBand.substream(mark);
        told.computeIfAbsent(substream, _ -> new HashMap<>()).merge(InBand.sender(mark), mark.ticks(), Math::max);
        before.remove(substream);
    }

    /// The time of the substream that is furthest behind.
    OptionalLong least() {
        long least = Long.MAX_VALUE;
        for (long time : all().values()) {
            least = Math.min(least, time);
        }
        long known = least == Long.MAX_VALUE ? passed : least;
        return known == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(known);
    }

    private Map<Value.Array, Long> all() {
        Map<Value.Array, Long> all = new LinkedHashMap<>(before);
        told.forEach((substream, senders) -> all.put(substream, least(senders)));
        return all;
    }

    byte[] bytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        Map<Value.Array, Long> all = all();
        BinaryValues.writeCount(all.size(), out);
        for (Map.Entry<Value.Array, Long> one : all.entrySet()) {
            BinaryValues.write(one.getKey(), out);
            out.writeLong(one.getValue());
        }
        return bytes.toByteArray();
    }

    void read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            before.put((Value.Array) BinaryValues.read(in), in.readLong());
        }
    }
}
