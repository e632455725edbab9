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

    /// Rows of any substream have come up to this time. Once that is known it is the bound, however far those are that have had rows: another, new or forgotten
    /// since, may come right behind it.
    void passed(long ticks) {
        passed = Math.max(passed, ticks);
        told.clear();
        before.clear();
    }

    /// As it was told; empty where nothing limits how late a substream may be.
    OptionalLong passed() {
        return passed == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(passed);
    }

    private static long least(Map<String, Long> senders) {
        return senders.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    void mark(Row mark) {
        if (passed != Long.MIN_VALUE || InBand.isOver(mark)) {
            return;
        }
        Value.Array substream = InBand.substream(mark);
        told.computeIfAbsent(substream, _ -> new HashMap<>()).merge(InBand.sender(mark), mark.ticks(), Math::max);
        before.remove(substream);
    }

    /// The time that no row of any substream comes behind; where only those are known that have had rows, of the one that is furthest behind.
    OptionalLong least() {
        return passed != Long.MIN_VALUE ? passed() : all().values().stream().mapToLong(Long::longValue).min();
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
