package io.conshelf.engine.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// The streamed rows of a database that are not sealed yet, in memory. What makes them durable is the [RowLog].
final class RowStore {
    /// Sealing begins at this size of the rows in memory: several of DuckDB's row groups, which are then written at once and
    /// never again.
    static final long SEAL_BYTES = 24L << 20;

    /// Sealing begins at this number of batches: readers go through each.
    static final int SEAL_BATCHES = 10_000;

    /// Rows wait no longer than this to be sealed.
    static final long SEAL_AGE_MS = 30_000;

    /// Requests are refused while so much waits to be sealed.
    static final long BYTES_MAX = Math.min(8 * SEAL_BYTES, Math.max(2 * SEAL_BYTES, Runtime.getRuntime().maxMemory() / 4));

    private final Object lock = new Object();
    // Replaced as a whole, so that readers take it without a lock. The newest batch of a table is the head of its chain.
    private volatile Map<String, Chain> chains = Map.of();

    /// A table's batches, newest first; their commits fall along it.
    record Chain(RowBatch batch, Chain older, int batches, long bytes) {
        static Chain of(RowBatch batch, Chain older) {
            long own = batch.rows().memoryBytes();
            return older == null
                    ? new Chain(batch, null, 1, own)
                    : new Chain(batch, older, older.batches + 1, older.bytes + own);
        }
    }

    boolean isEmpty() {
        return chains.isEmpty();
    }

    /// All batches of all tables at one moment, by table id.
    Map<String, Chain> view() {
        return chains;
    }

    long bytes() {
        return chains.values().stream().mapToLong(Chain::bytes).sum();
    }

    boolean isFull() {
        var now = chains.values();
        return now.stream().mapToLong(Chain::bytes).sum() >= SEAL_BYTES
                || now.stream().mapToInt(Chain::batches).sum() >= SEAL_BATCHES;
    }

    /// When the oldest row was ingested.
    Optional<Long> oldestTicks() {
        return chains.values().stream().map(RowStore::oldest).min(Long::compare);
    }

    private static Long oldest(Chain chain) {
        Chain link = chain;
        while (link.older() != null) {
            link = link.older();
        }
        return link.batch().ingestedTicks();
    }

    /// Adds batches in the order of their commits; readers see all of them or none.
    void add(List<RowBatch> batches) {
        synchronized (lock) {
            var changed = new HashMap<>(chains);
            for (RowBatch batch : batches) {
                changed.put(batch.tableId(), Chain.of(batch, changed.get(batch.tableId())));
            }
            chains = Map.copyOf(changed);
        }
    }

    /// Forgets what an earlier view held, because it is sealed.
    void remove(Map<String, Chain> sealed) {
        keep(batch -> {
            Chain chain = sealed.get(batch.tableId());
            return chain == null || batch.commit() > chain.batch().commit();
        });
    }

    /// Forgets the batches of storage tables that are no more.
    void discard(Set<String> storage) {
        if (!storage.isEmpty()) {
            keep(batch -> !storage.contains(batch.storage()));
        }
    }

    private void keep(Predicate<RowBatch> kept) {
        synchronized (lock) {
            var left = new HashMap<String, Chain>();
            chains.forEach((table, chain) -> {
                Chain rebuilt = null;
                for (RowBatch batch : batches(chain, kept)) {
                    rebuilt = Chain.of(batch, rebuilt);
                }
                if (rebuilt != null) {
                    left.put(table, rebuilt);
                }
            });
            chains = Map.copyOf(left);
        }
    }

    /// The batches of a chain that belong to a storage table, oldest first.
    static List<RowBatch> batches(Chain chain, String storage) {
        return batches(chain, batch -> batch.storage().equals(storage));
    }

    /// All batches of a chain, oldest first.
    static List<RowBatch> batches(Chain chain) {
        return batches(chain, _ -> true);
    }

    private static List<RowBatch> batches(Chain chain, Predicate<RowBatch> wanted) {
        var batches = new ArrayList<RowBatch>();
        for (Chain link = chain; link != null; link = link.older()) {
            if (wanted.test(link.batch())) {
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
