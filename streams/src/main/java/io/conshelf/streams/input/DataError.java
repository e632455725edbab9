package io.conshelf.streams.input;

import io.conshelf.streams.operator.EventOrdering.Outcome;
import io.conshelf.streams.operator.InputProblem;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.regex.Pattern;

/// What is wrong with data, by the name that the service gives it.
///
/// @param source  the input or output; empty for the query
/// @param type    such as `InputDeserializerError.InvalidData`, `LateInputEvent`
/// @param example the beginning of the event; empty where there is none to show
/// @see <a href="https://learn.microsoft.com/azure/stream-analytics/data-errors">data errors</a>
public record DataError(String source, String type, String message, String example) implements Serializable {
    /// The type of what ends a job.
    public static final String RUNTIME = "RuntimeError";
    private static final int EXAMPLE_MAX = 1000;
    /// What differs from event to event in messages: what they were read from, values as JSON, times, and numbers that are no part of a name.
    private static final Pattern OF_THE_EVENT = Pattern.compile("resource '[^']*'|\"(?:[^\"\\\\]|\\\\.)*+(?:\"|$)|'\\d{4}-\\d\\d-\\d\\dT[^']*'|(?<![\\w'])-?\\d+(?:\\.\\d+)?(?![\\w'])");

    public DataError {
        example = example.length() <= EXAMPLE_MAX ? example : example.substring(0, EXAMPLE_MAX) + "…";
    }

    /// Of an event that an input gave.
    public static DataError of(String input, InputProblem problem, Outcome outcome, Value.Record event, String message) {
        return new DataError(input, problem.serviceName(), message + switch (outcome) {
            case DROPPED -> " (dropped)";
            case ADJUSTED -> " (adjusted)";
        }, JsonPrint.text(event));
    }

    /// The service's newer name, which says less.
    public String code() {
        return switch (type) {
            case "InvalidInputTimeStamp" -> "InputEventTimestampNotFound";
            case "InvalidInputTimeStampKey" -> "InputEventTimestampByOverValueNotFound";
            case "LateInputEvent" -> "InputEventLateBeyondThreshold";
            case "EarlyInputEvent" -> "InputEventEarlyBeyondThreshold";
            default -> type.startsWith("InputDeserializerError.") ? "InputDeserializationError" : type.startsWith("OutputDataConversionError.")
                    ? "OutputDataConversionError" : type;
        };
    }

    /// What went wrong, whatever event it was.
    public String cause() {
        return switch (type) {
            case "LateInputEvent", "EarlyInputEvent", "OutOfOrderEvent" -> message.endsWith("(dropped)") ? "dropped" : "";
            default -> OF_THE_EVENT.matcher(message.length() <= EXAMPLE_MAX ? message : message.substring(0, EXAMPLE_MAX)).replaceAll("…");
        };
    }
}
