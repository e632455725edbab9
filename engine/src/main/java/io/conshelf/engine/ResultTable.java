package io.conshelf.engine;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.Chunk;
import java.util.List;
import java.util.Optional;

/// One table of an answer, read once from first to last chunk.
public interface ResultTable {
    /// `PrimaryResult`, or the name `as` and `fork` gave it.
    String name();

    List<ColumnSchema> columns();

    /// The next rows, or empty at the end. A chunk is valid until the next call.
    ///
    /// @throws KustoException when the query fails, is cancelled or exceeds a limit after rows were delivered
    Optional<Chunk> next();

    /// Whether [#next] would answer at once. To find out may take as long as a small query takes to end.
    default boolean isNextAtHand() {
        return true;
    }
}
