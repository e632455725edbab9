package io.conshelf.kql.value;

import java.math.BigDecimal;
import java.util.UUID;

/// A batch of rows seen column by column: what kernels read and what results stream out as.
///
/// Columns and rows count from 0. An accessor is only called where [#isNull] is false and only with the column's own
/// type (see [io.conshelf.kql.type.Type] for the Java form of each); implementations read straight from DuckDB's vectors, so a chunk is valid
/// until the next one is asked for.
public interface Chunk {
    int rows();

    int columns();

    boolean isNull(int column, int row);

    boolean bool(int column, int row);

    int int32(int column, int row);

    /// `long`, `datetime` and `timespan` (ticks).
    long int64(int column, int row);

    double float64(int column, int row);

    BigDecimal decimal(int column, int row);

    /// `string`, and the JSON text of `dynamic`.
    String text(int column, int row);

    UUID guid(int column, int row);
}
