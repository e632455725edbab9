package io.conshelf.connectors.sql;

import java.util.List;
import java.util.Optional;

/// How a source is read by several queries at once.
public sealed interface SqlPartitioning {
    /// By one query.
    record None() implements SqlPartitioning {}

    /// By the partitions that the table has.
    ///
    /// @param names of those to read; all where none is named
    record Physical(List<String> names) implements SqlPartitioning {
        public Physical {
            names = List.copyOf(names);
        }
    }

    /// By ranges of a column. The bounds say how wide the ranges are.
    ///
    /// @param column the first of the table's primary key where none is named
    record Ranges(Optional<String> column, Optional<String> lower, Optional<String> upper) implements SqlPartitioning {}
}
