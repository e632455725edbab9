package io.conshelf.streams.flink;

import io.conshelf.streams.input.BrokenSnapshot;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.input.SnapshotTooLarge;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// Snapshots that a test gives, each of one record of a number `n`; a negative one cannot be read, and there is no memory for [#TOO_LARGE].
record MemoryReference(String id) implements ReferenceInput {
    static final int TOO_LARGE = Integer.MAX_VALUE;

    private static final Map<String, ConcurrentSkipListMap<Long, Integer>> STORES = new ConcurrentHashMap<>();

    private static final Map<String, String> AWAY = new ConcurrentHashMap<>();

    void remove(long validFrom) {
        STORES.get(id).remove(validFrom);
    }

    @Override
    public Earlier earlier() {
        return Earlier.KEPT;
    }

    void put(long validFrom, int n) {
        STORES.computeIfAbsent(id, _ -> new ConcurrentSkipListMap<>()).put(validFrom, n);
    }

    /// Whether it answers: where it does not, this is why.
    void answers(Optional<String> failure) {
        failure.ifPresentOrElse(why -> AWAY.put(id, why), () -> AWAY.remove(id));
    }

    @Override
    public Snapshots open(long bytesMax) {
        ConcurrentSkipListMap<Long, Integer> store = STORES.get(id);
        return new Snapshots() {
            private long last;

            @Override
            public Snapshot first(long ticks) throws InputException {
                Map.Entry<Long, Integer> valid = store.floorEntry(ticks);
                if (valid == null) {
                    throw new InputException("there is no reference data");
                }
                return snapshot(valid);
            }

            @Override
            public Optional<Snapshot> next() throws InputException {
                if (AWAY.containsKey(id)) {
                    throw new InputException(AWAY.get(id));
                }
                Optional<Map.Entry<Long, Integer>> later = Optional.ofNullable(store.higherEntry(last));
                if (later.isPresent() && later.get().getValue() < 0) {
                    last = later.get().getKey();
                    throw new BrokenSnapshot(new DataError("reference", "InputDeserializerError.InvalidData", "it is broken", ""));
                }
                return later.isEmpty() ? Optional.empty() : Optional.of(snapshot(later.get()));
            }

            @Override
            public Optional<Snapshot> again(long validFrom) throws InputException {
                if (AWAY.containsKey(id)) {
                    throw new InputException(AWAY.get(id));
                }
                Integer n = store.get(validFrom);
                return n == null ? Optional.empty() : Optional.of(of(validFrom, n));
            }

            private Snapshot snapshot(Map.Entry<Long, Integer> one) throws SnapshotTooLarge {
                last = one.getKey();
                return of(last, one.getValue());
            }

            private Snapshot of(long validFrom, int n) throws SnapshotTooLarge {
                if (n == TOO_LARGE) {
                    throw new SnapshotTooLarge(bytesMax, 1);
                }
                return new Snapshot(validFrom, List.of(new Value.Record(Shape.of(List.of("n")), new Value[] {new Value.BigInt(n)})));
            }

            @Override
            public void probe() {}

            @Override
            public void close() {}
        };
    }
}
