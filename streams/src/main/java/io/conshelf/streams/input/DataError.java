package io.conshelf.streams.input;

import java.io.Serializable;

/// What is wrong with data, by the name that the service gives it.
///
/// @param source  the input or output
/// @param type    such as `InputDeserializerError.InvalidData`, `LateInputEvent`
/// @param example the beginning of the event; empty where there is none to show
/// @see <a href="https://learn.microsoft.com/azure/stream-analytics/data-errors">data errors</a>
public record DataError(String source, String type, String message, String example) implements Serializable {
    private static final int EXAMPLE_MAX = 1000;

    public DataError {
        example = example.length() <= EXAMPLE_MAX ? example : example.substring(0, EXAMPLE_MAX) + "…";
    }
}
