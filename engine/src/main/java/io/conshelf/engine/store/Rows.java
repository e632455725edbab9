package io.conshelf.engine.store;

import java.util.List;

/// Some rows of a table, column by column, in memory.
public record Rows(RowLayout layout, List<RowColumn> columns, int count) {
    public Rows {
        columns = List.copyOf(columns);
    }

    /// What they take in memory, about.
    public long memoryBytes() {
        long bytes = 0;
        for (RowColumn column : columns) {
            bytes += (long) count * Long.BYTES + column.textBytes();
        }
        return bytes;
    }

    /// No rows, with a column each to be written to.
    public static List<RowColumn> columnsFor(RowLayout layout) {
        return layout.types().stream().map(RowColumn::new).toList();
    }
}
