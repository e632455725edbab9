package io.conshelf.engine.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// The streamed rows of a database that are not sealed yet: visible at once, durable through the log.
final class RowStore {
    private final Object lock = new Object();
    // Replaced as a whole, so that readers take it without a lock. The newest batch of a table is the head of its chain.
    private volatile Map<String, Chain> chains = Map.of();

    /// A table's batches, newest first.
    record Chain(RowBatch batch, Chain older, long rows, long bytes) {
        static Chain of(RowBatch batch, Chain older) {
            return older == null
                    ? new Chain(batch, null, batch.rows().count(), batch.originalBytes())
                    : new Chain(batch, older, older.rows + batch.rows().count(), older.bytes + batch.originalBytes());
        }
    }

    boolean isEmpty() {
        return chains.isEmpty();
    }

    /// All batches of all tables at one moment, by table id.
    Map<String, Chain> view() {
        return chains;
    }

    void add(RowBatch batch) {
        synchronized (lock) {
            var changed = new HashMap<>(chains);
            changed.put(batch.tableId(), Chain.of(batch, changed.get(batch.tableId())));
            chains = Map.copyOf(changed);
        }
    }

    /// Forgets what an earlier view held: it is sealed or discarded.
    void remove(Map<String, Chain> sealed) {
        synchronized (lock) {
            var left = new HashMap<>(chains);
            sealed.forEach((table, chain) -> {
                Chain newer = newerThan(left.get(table), chain);
                if (newer == null) {
                    left.remove(table);
                } else {
                    left.put(table, newer);
                }
            });
            chains = Map.copyOf(left);
        }
    }

    /// Forgets the batches of storage tables that are no more.
    void discard(Set<String> storage) {
        if (storage.isEmpty()) {
            return;
        }
        synchronized (lock) {
            var left = new HashMap<String, Chain>();
            chains.forEach((table, chain) -> {
                Chain kept = rebuilt(chain, null, batch -> !storage.contains(batch.storage()));
                if (kept != null) {
                    left.put(table, kept);
                }
            });
            chains = Map.copyOf(left);
        }
    }

    private static Chain newerThan(Chain chain, Chain sealed) {
        return rebuilt(chain, sealed, _ -> true);
    }

    private static Chain rebuilt(Chain chain, Chain end, Predicate<RowBatch> keep) {
        var batches = new ArrayList<RowBatch>();
        for (Chain link = chain; link != null && link != end; link = link.older()) {
            if (keep.test(link.batch())) {
                batches.add(link.batch());
            }
        }
        Chain result = null;
        for (RowBatch batch : batches.reversed()) {
            result = Chain.of(batch, result);
        }
        return result;
    }

    /// The batches of a chain that belong to a storage table, oldest first.
    static List<RowBatch> batches(Chain chain, String storage) {
        var batches = new ArrayList<RowBatch>();
        for (Chain link = chain; link != null; link = link.older()) {
            if (link.batch().storage().equals(storage)) {
                batches.add(link.batch());
            }
        }
        return batches.reversed();
    }

    /// The batches from the first on, for the table function.
    static RowFunction.Source source(List<RowBatch> batches) {
        var next = new AtomicInteger();
        return () -> {
            int i = next.getAndIncrement();
            if (i >= batches.size()) {
                return Optional.empty();
            }
            RowBatch batch = batches.get(i);
            return Optional.of(new RowFunction.Part(batch.rows(), batch.ingestedTicks(), batch.commit()));
        };
    }
}
