package io.conshelf.processor.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Values as JSON. Bytes are written as `base64::` and their base64; numbers that are no number as null.
public final class JsonText {
    /// How deep arrays and objects may lie in one another.
    public static final int DEPTH_MAX = 1_000;
    public static final String BINARY_PREFIX = "base64::";

    private static final int NUMBER_LENGTH_MAX = 1_000;
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).maxNumberLength(NUMBER_LENGTH_MAX)
                    .maxStringLength(Integer.MAX_VALUE).build())
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(DEPTH_MAX + 10_000).build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();
    /// Numbers from the first up to the second stand without an exponent.
    private static final double PLAIN_MIN = 1e-6;
    private static final double PLAIN_END = 1e21;
    private static final double LONG_END = 1e17;

    private JsonText() {}

    /// One JSON value and nothing else.
    ///
    /// @throws IOException with line and column of what is no JSON
    public static Value read(String json) throws IOException {
        try (JsonParser parser = JSON.createParser(json)) {
            return whole(parser);
        }
    }

    private static Value whole(JsonParser parser) throws IOException {
        if (parser.nextToken() == null) {
            throw new IOException("there is no JSON value");
        }
        Value value = value(parser);
        if (parser.nextToken() != null) {
            throw new IOException("something follows the JSON value: line " + parser.currentTokenLocation().getLineNr() + ", column "
                    + parser.currentTokenLocation().getColumnNr());
        }
        return value;
    }

    /// The value whose first token is the parser's current one.
    public static Value value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> Value.NULL;
            case VALUE_TRUE -> Value.TRUE;
            case VALUE_FALSE -> Value.FALSE;
            case VALUE_STRING -> new Value.Text(parser.getText());
            case VALUE_NUMBER_INT -> switch (parser.getNumberType()) {
                case INT, LONG -> new Value.Whole(parser.getLongValue());
                default -> new Value.Large(parser.getBigIntegerValue());
            };
            case VALUE_NUMBER_FLOAT -> new Value.Real(parser.getDoubleValue());
            case START_ARRAY -> {
                List<Value> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield new Value.Items(items);
            }
            case START_OBJECT -> {
                MembersBuilder members = new MembersBuilder();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.put(name, value(parser));
                }
                yield members.build();
            }
            case VALUE_EMBEDDED_OBJECT -> new Value.Binary(parser.getBinaryValue());
            case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME -> throw new IOException("a value is missing");
        };
    }

    public static String write(Value value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            write(value, generator);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return text.toString();
    }

    public static byte[] bytes(Value value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator generator = JSON.createGenerator(bytes)) {
            write(value, generator);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return bytes.toByteArray();
    }

    public static void write(Value value, JsonGenerator generator) throws IOException {
        switch (value) {
            case Value.Null _ -> generator.writeNull();
            case Value.Truth(boolean is) -> generator.writeBoolean(is);
            case Value.Whole(long number) -> generator.writeNumber(number);
            case Value.Large(BigInteger number) -> generator.writeNumber(number);
            case Value.Real(double number) -> generator.writeRawValue(number(number));
            case Value.Text(String text) -> generator.writeString(text);
            case Value.Binary(byte[] bytes) -> generator.writeString(BINARY_PREFIX + Base64.getEncoder().encodeToString(bytes));
            case Value.Items(List<Value> items) -> {
                generator.writeStartArray();
                for (Value item : items) {
                    write(item, generator);
                }
                generator.writeEndArray();
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                generator.writeStartObject();
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    generator.writeFieldName(member.getKey());
                    write(member.getValue(), generator);
                }
                generator.writeEndObject();
            }
        }
    }

    /// A real as JSON: without a point where it is whole, the greatest number for what is infinite.
    public static String number(double number) {
        if (Double.isNaN(number)) {
            return "null";
        }
        double finite = Math.clamp(number, -Double.MAX_VALUE, Double.MAX_VALUE);
        double size = Math.abs(finite);
        if (finite == Math.rint(finite) && size < LONG_END) {
            return finite == 0 && 1 / finite < 0 ? "-0" : Long.toString((long) finite);
        }
        String text = Double.toString(finite);
        int exponent = text.indexOf('E');
        if (exponent < 0) {
            return text;
        }
        if (size >= PLAIN_MIN && size < PLAIN_END) {
            return new BigDecimal(text).stripTrailingZeros().toPlainString();
        }
        String digits = text.substring(0, exponent);
        String power = text.substring(exponent + 1);
        return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits) + (power.startsWith("-") ? "e" : "e+") + power;
    }
}
