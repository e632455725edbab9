package io.conshelf.streams.output;

import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;

/// A row that the target cannot take.
///
/// @see <a href="https://learn.microsoft.com/azure/stream-analytics/data-errors">data errors</a>, whose names `type` has, such as `TypeConversionError`
public final class RowRefused extends OutputException {
    private final String type;
    private final String example;

    public RowRefused(String type, String message) {
        this(type, message, "");
    }

    private RowRefused(String type, String message, String example) {
        super(message);
        this.type = type;
        this.example = example;
    }

    /// The same, of this row, unless it is known of which.
    public RowRefused of(Row row) {
        return !example.isEmpty() ? this : new RowRefused(type, getMessage(), JsonPrint.text(row.event()));
    }

    /// The row; empty where it is one of many.
    public String example() {
        return example;
    }

    public String type() {
        return type;
    }
}
