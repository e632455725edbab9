package io.conshelf.engine.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// What the tables of a database add up to, remembered from one commit to the next.
final class KnownStatistics {
    private static final int REMEMBERED_MAX = 10_000;

    /// Of each commit one when it begins and one when it has been made known: odd between the two.
    /// It begins somewhere, so that no state of a database that was closed is taken for one of the same after it was opened again.
    private final AtomicLong commits = new AtomicLong(2 * ThreadLocalRandom.current().nextLong(1L << 48));
    private final Map<String, Known> tables = new ConcurrentHashMap<>();
    /// The last state in which a column of a table was seen to have no NaN.
    private final Map<String, Long> withoutNan = new ConcurrentHashMap<>();

    /// @param commit as [#commits] stood before it was looked up
    /// @param rows   the table's storage then
    private record Known(long commit, String rows, TableStatistics statistics) {}

    /// A commit begins, to be followed by [#committed]; one at a time.
    void committing() {
        commits.incrementAndGet();
    }

    void committed() {
        commits.incrementAndGet();
    }

    /// A state of the database, for [#exact].
    long state() {
        return commits.get();
    }

    /// @param lookup sees the last commit
    TableStatistics of(Table table, Supplier<TableStatistics> lookup) {
        long commit = commits.get();
        Known known = tables.get(table.id().tableId());
        // What is being committed may be seen from its end on.
        boolean isKnown = known != null && known.rows().equals(table.rows()) && known.commit() == commit - commit % 2;
        return isKnown ? known.statistics() : looked(commit, table, lookup);
    }

    /// What a table adds up to in this state; nothing where a commit was under way then, or has come since.
    Optional<TableStatistics> exact(long state, Table table, Supplier<TableStatistics> lookup) {
        if (state % 2 == 1) {
            return Optional.empty();
        }
        TableStatistics statistics = of(table, lookup);
        return commits.get() == state ? Optional.of(statistics) : Optional.empty();
    }

    /// Whether a column of a table is known to have no NaN in this state.
    boolean isWithoutNan(long state, Table table, String column) {
        return state == withoutNan.getOrDefault(key(table, column), -1L);
    }

    /// Is told by whoever saw the database in this state.
    void sawWithoutNan(long state, Table table, String column) {
        if (state % 2 == 0) {
            if (withoutNan.size() >= REMEMBERED_MAX) {
                withoutNan.clear();
            }
            withoutNan.put(key(table, column), state);
        }
    }

    private static String key(Table table, String column) {
        return table.id().tableId() + "." + column;
    }

    private TableStatistics looked(long commit, Table table, Supplier<TableStatistics> lookup) {
        var statistics = lookup.get();
        if (commit % 2 == 0) {
            if (tables.size() >= REMEMBERED_MAX) {
                tables.clear();
            }
            tables.put(table.id().tableId(), new Known(commit, table.rows(), statistics));
        }
        return statistics;
    }
}
