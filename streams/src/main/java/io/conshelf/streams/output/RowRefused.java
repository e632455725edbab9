package io.conshelf.streams.output;

/// A row that the target cannot take.
///
/// @see <a href="https://learn.microsoft.com/azure/stream-analytics/data-errors">data errors</a>, whose names `type` has, such as `TypeConversionError`
public final class RowRefused extends OutputException {
    private final String type;

    public RowRefused(String type, String message) {
        super(message);
        this.type = type;
    }

    public String type() {
        return type;
    }
}
