package io.conshelf.kql.value;

import java.math.BigDecimal;
import java.util.UUID;

/// Where a kernel puts its result, one cell a row; every row must be set exactly once.
public interface CellWriter {
    void setNull(int row);

    void bool(int row, boolean value);

    void int32(int row, int value);

    /// `long`, `datetime` and `timespan` (ticks).
    void int64(int row, long value);

    void float64(int row, double value);

    void decimal(int row, BigDecimal value);

    /// `string`, and the JSON text of `dynamic`.
    void text(int row, String value);

    void guid(int row, UUID value);
}
