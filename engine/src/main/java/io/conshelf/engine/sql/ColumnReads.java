package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The columns that plans read: those that something is computed or decided by or that are answered, and those that one of them is by
/// another name.
final class ColumnReads {
    private final Set<Integer> read = new HashSet<>();
    private final Map<Integer, Set<Integer>> sources = new HashMap<>();

    void all(List<Column> columns) {
        columns.forEach(column -> read.add(column.id()));
    }

    /// Columns that are others in the same order, and read where they are.
    void pass(List<Column> columns, List<Column> from) {
        for (int i = 0; i < columns.size(); i++) {
            sources.computeIfAbsent(columns.get(i).id(), _ -> new HashSet<>()).add(from.get(i).id());
        }
    }

    void add(ColumnReads others) {
        read.addAll(others.read);
        others.sources.forEach((column, from) -> sources.computeIfAbsent(column, _ -> new HashSet<>()).addAll(from));
    }

    /// The ids of all that is read.
    Set<Integer> ids() {
        var ids = new HashSet<Integer>();
        var left = new ArrayDeque<>(read);
        while (!left.isEmpty()) {
            int id = left.pop();
            if (ids.add(id)) {
                left.addAll(sources.getOrDefault(id, Set.of()));
            }
        }
        return ids;
    }
}
