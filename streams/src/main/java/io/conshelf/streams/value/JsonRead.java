package io.conshelf.streams.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Values of JSON, as a level of compatibility reads them. Records with the same names share a shape. Belongs to one thread.
///
/// Of two fields with the same name the last one's value stays. Where names are in small letters, an event in which they are the same is refused.
public final class JsonRead {
    /// Deeper than any event is; every walk over values may recurse as deep.
    public static final int DEPTH_MAX = 256;
    /// In characters.
    public static final int TEXT_LENGTH_MAX = 1 << 24;

    public static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).maxStringLength(TEXT_LENGTH_MAX).maxNumberLength(1000)
                    .maxNameLength(1 << 16).build())
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            // Names of events come from outside: they must not fill the table of strings that the whole process shares.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /// How what JSON says becomes a value.
    public record Reading(Booleans booleans, Times times, SeenShapes.Names names) {
        public static final Reading PLAIN = at(Compatibility.V1_2);

        public static Reading at(Compatibility level) {
            return new Reading(level.isAtLeast(Compatibility.V1_2) ? Booleans.BIT : Booleans.BIGINT,
                    level.isAtLeast(Compatibility.V1_1) ? Times.TEXT : Times.DATETIME,
                    level.isAtLeast(Compatibility.V1_1) ? SeenShapes.Names.AS_WRITTEN : SeenShapes.Names.LOWER_CASE);
        }

        public Value bool(boolean value) {
            return booleans == Booleans.BIT ? Value.of(value) : Value.of(value ? 1 : 0);
        }

        public Value text(String text) {
            if (times == Times.DATETIME && text.length() >= ISO_LENGTH_MIN && text.length() <= ISO_LENGTH_MAX && text.charAt(10) == 'T') {
                long ticks = Ticks.parse(text);
                if (ticks != Ticks.NONE) {
                    return new DateTime(ticks);
                }
            }
            return Value.of(text);
        }
    }

    public enum Booleans { BIT, BIGINT }

    /// What a text of ISO 8601 becomes.
    public enum Times { TEXT, DATETIME }

    private static final int ISO_LENGTH_MIN = 19;
    private static final int ISO_LENGTH_MAX = 35;

    private final Reading reading;
    private final SeenShapes shapes;
    /// The values of the objects being read, the innermost last.
    private Value[] stack = new Value[64];
    private int top;

    public JsonRead(Reading reading) {
        this.reading = reading;
        this.shapes = new SeenShapes(reading.names);
    }

    /// The object that the text is.
    ///
    /// @return empty where it is anything else
    public Optional<Record> record(String json) {
        top = 0;
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            Record record = object(parser);
            return parser.nextToken() == null ? Optional.of(record) : Optional.empty();
        } catch (IOException notJson) {
            return Optional.empty();
        }
    }

    /// The object whose beginning the parser has just read; the parser stands at its end afterwards.
    ///
    /// @throws InvalidJson             where a value cannot be taken
    /// @throws JsonProcessingException where it is not JSON
    public Record event(JsonParser parser) throws IOException {
        top = 0;
        return object(parser);
    }

    private Record object(JsonParser parser) throws IOException {
        int base = top;
        SeenShapes.Node names = shapes.start();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            names = shapes.then(names, name);
            Value value = value(parser, parser.nextToken());
            if (names.isNew()) {
                push(value);
            } else if (reading.names == SeenShapes.Names.LOWER_CASE) {
                throw new InvalidJson("Two fields are called '" + shortened(name) + "' in small letters, which names are up to compatibility level 1.0");
            } else {
                stack[base + names.index()] = value;
            }
        }
        Record record = top == base ? Record.EMPTY : new Record(names.shape(), Arrays.copyOfRange(stack, base, top));
        top = base;
        return record;
    }

    private void push(Value value) {
        if (top == stack.length) {
            stack = Arrays.copyOf(stack, top * 2);
        }
        stack[top++] = value;
    }

    private Value value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> reading.text(parser.getText());
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_NUMBER_FLOAT -> floating(parser);
            case VALUE_TRUE -> reading.bool(true);
            case VALUE_FALSE -> reading.bool(false);
            case VALUE_NULL -> Null.NULL;
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> throw new InvalidJson("Found token type: " + token);
        };
    }

    private Value array(JsonParser parser) throws IOException {
        List<Value> elements = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            elements.add(value(parser, token));
        }
        return elements.isEmpty() ? Array.EMPTY : new Array(elements);
    }

    private static Value whole(JsonParser parser) throws IOException {
        try {
            return Value.of(parser.getLongValue());
        } catch (InputCoercionException beyondLong) {
            throw new InvalidJson("InputDeserializationError: the integer " + shortened(parser.getText()) + " does not fit bigint");
        }
    }

    private static Value floating(JsonParser parser) throws IOException {
        double number = parser.getDoubleValue();
        if (Double.isInfinite(number)) {
            throw new InvalidJson("InputDeserializationError: the number " + shortened(parser.getText()) + " does not fit float");
        }
        return Value.of(number);
    }

    private static String shortened(String number) {
        return number.length() > 40 ? number.substring(0, 40) + "…" : number;
    }
}
