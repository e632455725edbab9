package io.conshelf.streams.flink;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Events that a test gives, spread over partitions; the time of a row is when it arrived. More may be added while a job runs.
record MemoryInput(String id) implements EventInput {
    private static final Map<String, Store> STORES = new ConcurrentHashMap<>();

    private static final class Store {
        private final List<List<Row>> partitions = new ArrayList<>();
        private boolean isEnded;
        private boolean isSilent;
        private boolean isOpaque;
        private int asked;
    }

    static MemoryInput of(String id, int partitions) {
        Store store = new Store();
        for (int i = 0; i < partitions; i++) {
            store.partitions.add(new ArrayList<>());
        }
        STORES.put(id, store);
        return new MemoryInput(id);
    }

    void add(List<Row> rows) {
        Store store = STORES.get(id);
        synchronized (store) {
            int count = store.partitions.stream().mapToInt(List::size).sum();
            for (Row row : rows) {
                store.partitions.get(count++ % store.partitions.size()).add(row);
            }
        }
    }

    void add(int partition, List<Row> rows) {
        Store store = STORES.get(id);
        synchronized (store) {
            store.partitions.get(partition).addAll(rows);
        }
    }

    MemoryInput end() {
        Store store = STORES.get(id);
        synchronized (store) {
            store.isEnded = true;
        }
        return this;
    }

    /// As a broker that takes a connection and tells nothing yet.
    MemoryInput silent() {
        Store store = STORES.get(id);
        synchronized (store) {
            store.isSilent = true;
        }
        return this;
    }

    /// As a store of which nobody knows what it has left: time goes on with what arrives alone.
    MemoryInput opaque() {
        Store store = STORES.get(id);
        synchronized (store) {
            store.isOpaque = true;
        }
        return this;
    }

    void answer() {
        Store store = STORES.get(id);
        synchronized (store) {
            store.isSilent = false;
        }
    }

    /// How often it was asked for events.
    int asked() {
        Store store = STORES.get(id);
        synchronized (store) {
            return store.asked;
        }
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    @Override
    public List<String> partitions() {
        Store store = STORES.get(id);
        synchronized (store) {
            return java.util.stream.IntStream.range(0, store.partitions.size()).mapToObj(Integer::toString).toList();
        }
    }

    @Override
    public EventPartition open(String partition, Start start) {
        Store store = STORES.get(id);
        List<Row> rows = store.partitions.get(Integer.parseInt(partition));
        return new EventPartition() {
            private int place = switch (start) {
                case Start.Earliest _ -> 0;
                case Start.From(long ticks) -> {
                    synchronized (store) {
                        yield (int) rows.stream().filter(row -> row.ticks() < ticks).count();
                    }
                }
                case Start.At(byte[] position) -> ByteBuffer.wrap(position).getInt();
            };

            @Override
            public void poll(Duration wait, Events out) throws InterruptedException {
                synchronized (store) {
                    store.asked++;
                    if (store.isSilent || place == rows.size()) {
                        store.wait(10);
                    }
                    if (store.isSilent) {
                        return;
                    }
                    int to = Math.min(rows.size(), place + 50);
                    for (; place < to; place++) {
                        out.event((Value.Record) rows.get(place).slots()[0], rows.get(place).ticks());
                        out.read(1, 1);
                    }
                }
            }

            @Override
            public byte[] position() {
                return ByteBuffer.allocate(4).putInt(place).array();
            }

            @Override
            public boolean isEnded() {
                synchronized (store) {
                    return store.isEnded && !store.isSilent && place == rows.size();
                }
            }

            @Override
            public long backlog() {
                synchronized (store) {
                    return store.isSilent || store.isOpaque ? -1 : rows.size() - place;
                }
            }

            @Override
            public void close() {}
        };
    }
}
