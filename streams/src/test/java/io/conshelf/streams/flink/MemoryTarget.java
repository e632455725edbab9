package io.conshelf.streams.flink;

import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// Keeps what is written, in two stages, each batch by a name that is the same when it is written again.
record MemoryTarget(String id) implements EventTarget {
    private static final Map<String, Map<String, List<String>>> SHOWN = new ConcurrentHashMap<>();
    private static final Map<String, List<String>> PREPARED = new ConcurrentHashMap<>();

    /// What is shown, in an order of its own.
    static List<String> shown(String id) {
        return SHOWN.getOrDefault(id, Map.of()).values().stream().flatMap(List::stream).sorted().toList();
    }

    /// Who wrote what is shown.
    static Set<String> writers(String id) {
        return SHOWN.getOrDefault(id, Map.of()).keySet().stream().map(batch -> batch.substring(0, batch.lastIndexOf('/'))).collect(Collectors.toSet());
    }

    static String text(Row row) {
        return Ticks.text(row.ticks()) + ' ' + Arrays.stream(row.slots()).map(MemoryTarget::text).toList();
    }

    private static String text(Value value) {
        return value == Value.Null.NULL ? "null" : JsonPrint.text(value);
    }

    @Override
    public List<String> check(List<String> columns) {
        return List.of();
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return new Writer() {
            private List<String> rows = new ArrayList<>();

            @Override
            public void write(Row row) {
                rows.add(text(row));
            }

            @Override
            public byte[] prepare(long checkpoint) {
                if (rows.isEmpty()) {
                    return new byte[0];
                }
                String batch = writer + '/' + checkpoint;
                PREPARED.put(batch, rows);
                rows = new ArrayList<>();
                return batch.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public void commit(byte[] prepared) {
                String batch = new String(prepared, StandardCharsets.UTF_8);
                SHOWN.computeIfAbsent(id, _ -> new ConcurrentHashMap<>()).put(batch, PREPARED.get(batch));
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
