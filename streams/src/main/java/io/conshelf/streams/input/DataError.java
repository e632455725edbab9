package io.conshelf.streams.input;

import io.conshelf.streams.operator.EventOrdering.Outcome;
import io.conshelf.streams.operator.InputProblem;
import io.conshelf.streams.operator.Loss;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.regex.Pattern;

/// What is wrong with data, by the name that the service gives it.
///
/// @param source  the input or output; empty for the query
/// @param type    such as `InputDeserializerError.InvalidData`, `LateInputEvent`
/// @param example the beginning of the event; empty where there is none to show
/// @see <a href="https://learn.microsoft.com/azure/stream-analytics/data-errors">data errors</a>
public record DataError(String source, String type, String message, String example, Origin origin) implements Serializable {
    /// The type of what ends a job.
    public static final String RUNTIME = "RuntimeError";
    /// The type of messages that their store keeps no longer, and that nobody has read.
    public static final String LOST = "InputEventsLost";
    private static final int EXAMPLE_MAX = 1000;
    /// Of a message that names the columns of the event, too: what the event lacks comes before.
    private static final Pattern FOUND = Pattern.compile(" Fields found:.*", Pattern.DOTALL);
    private static final Pattern OUTCOME = Pattern.compile(" \\((?:dropped|adjusted)\\)$");
    private static final String MALFORMED = "Some possible reasons: 1) Malformed events 2) Input source configured with incorrect serialization format";
    /// What differs from event to event in messages: what they were read from, values as JSON, times, and numbers that are no part of a name.
    private static final Pattern OF_THE_EVENT = Pattern.compile("resource '[^']*'|\"(?:[^\"\\\\]|\\\\.)*+(?:\"|$)|'\\d{4}-\\d\\d-\\d\\dT[^']*'|(?<![\\w'])-?\\d+(?:\\.\\d+)?(?![\\w'])");

    /// What was read.
    ///
    /// @param resource the file, blob or message; the input where no more is known
    /// @param format   such as `Json`; empty where it is not known
    public record Origin(String resource, String format) implements Serializable {
        public String undeserialized() {
            return "Could not deserialize the input event(s) from resource '" + resource + "'" + (format.isEmpty() ? "" : " as " + format) + ". " + MALFORMED;
        }
    }

    public DataError(String source, String type, String message, String example) {
        this(source, type, message, example, new Origin(source, ""));
    }

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

    /// Of a step of the query that gave something up.
    public static DataError of(Loss loss, Row row) {
        return new DataError("", Loss.TYPE, loss.message(), JsonPrint.text(row.slots()[0]));
    }

    public DataError from(Origin origin) {
        return new DataError(source, type, message, example, origin);
    }

    /// What the service tells first: what kind of error it is, and where.
    public String brief() {
        String plain = OUTCOME.matcher(message).replaceFirst("");
        return switch (type) {
            case "InputDeserializerError.MissingColumns", "InputDeserializerError.TypeConversionError" -> origin.undeserialized();
            case "InputDeserializerError.InvalidData" -> message.startsWith(origin.undeserialized()) ? origin.undeserialized() : plain;
            case "InputDeserializerError.InvalidHeader" -> plain.replaceFirst("(?<=no duplicate field names\\.).*", "");
            case "InvalidInputTimeStamp" -> "Unable to get timestamp for resource '" + origin.resource() + "' due to error '" + plain + "'";
            case "InvalidInputTimeStampKey" -> "Unable to get value of TIMESTAMP BY OVER COLUMN";
            case "OutOfOrderEvent" -> "Out of order event(s) received.";
            default -> plain;
        };
    }

    /// The whole of it, as the service tells it.
    public String told() {
        return type.equals("InputDeserializerError.InvalidData") ? "Input Message Id: " + origin.resource() + " Error: " + message : message;
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
            case "InputDeserializerError.MissingColumns" -> FOUND.matcher(message).replaceFirst("");
            case "LateInputEvent", "EarlyInputEvent", "OutOfOrderEvent" -> message.endsWith("(dropped)") ? "dropped" : "";
            default -> OF_THE_EVENT.matcher(message.length() <= EXAMPLE_MAX ? message : message.substring(0, EXAMPLE_MAX)).replaceAll("…");
        };
    }
}
