package io.conshelf.engine.store;

import java.util.Optional;

/// Where rows come from that SQL is to read, such as a parser. DuckDB asks from several threads at once; rows then come in
/// no particular order.
@FunctionalInterface
public interface RowFeed {
    /// The next rows, or empty at the end, then and ever after.
    Optional<Rows> next();
}
