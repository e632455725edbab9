package io.conshelf.engine.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// What the tables of a database add up to, remembered from one commit to the next.
final class KnownStatistics {
    private static final int REMEMBERED_MAX = 10_000;

    private final AtomicLong commits = new AtomicLong();
    private final Map<String, Known> tables = new ConcurrentHashMap<>();

    /// @param commit how many there had been before it was looked up
    /// @param rows   the table's storage then
    private record Known(long commit, String rows, TableStatistics statistics) {}

    void committed() {
        commits.incrementAndGet();
    }

    /// @param lookup sees the last commit
    TableStatistics of(Table table, Supplier<TableStatistics> lookup) {
        long commit = commits.get();
        String key = table.id().tableId();
        Known known = tables.get(key);
        if (known == null || known.commit() != commit || !known.rows().equals(table.rows())) {
            known = new Known(commit, table.rows(), lookup.get());
            if (tables.size() >= REMEMBERED_MAX) {
                tables.clear();
            }
            tables.put(key, known);
        }
        return known.statistics();
    }
}
