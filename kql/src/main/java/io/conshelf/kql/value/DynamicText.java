package io.conshelf.kql.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.UUID;

/// How a `dynamic` is held: JSON text without blanks, in which numbers are written as their kinds are (`1` is a long, `1.0` a real).
///
/// What JSON can't say is a string that begins with [#MARK], a letter for the type, and the value: `t` and ticks for a
/// datetime, `s` and ticks for a timespan, `g` and the digits of a guid, `d` and a decimal. A string of the user's that
/// begins with the mark has it doubled. The null of `dynamic` is SQL's NULL at the top and JSON's inside.
///
/// On the wire, in `tostring()` and in exports all that is plain JSON again: [#toJson].
public final class DynamicText {
    /// A character of the private use area, so rare that almost every text can be passed on after one search.
    public static final char MARK = '\uF8F0';

    private static final int NESTING_MAX = 1_000;
    /// Of a number, with its point.
    private static final int SHORT_LENGTH = 15;
    private static final JsonFactory JSON = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .disable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private DynamicText() {}

    /// A string as dynamic.
    public static String ofString(String value) {
        StringBuilder text = new StringBuilder(value.length() + 2);
        appendString(text, value);
        return text.toString();
    }

    /// Writes a string as dynamic into a larger text.
    public static void appendString(StringBuilder text, String value) {
        text.append('"');
        if (!value.isEmpty() && value.charAt(0) == MARK) {
            text.append(MARK);
        }
        escape(text, value);
        text.append('"');
    }

    /// Writes a key of a bag: plain JSON, the mark has no meaning in it.
    public static void appendKey(StringBuilder text, String key) {
        text.append('"');
        escape(text, key);
        text.append('"');
    }

    public static String ofDateTime(long ticks) {
        return "\"" + MARK + 't' + ticks + '"';
    }

    public static String ofTimeSpan(long ticks) {
        return "\"" + MARK + 's' + ticks + '"';
    }

    public static String ofGuid(UUID value) {
        return "\"" + MARK + 'g' + value + '"';
    }

    public static String ofDecimal(BigDecimal value) {
        return "\"" + MARK + 'd' + value.stripTrailingZeros().toPlainString() + '"';
    }

    /// A real as dynamic; JSON has no NaN, so it is null there, as Kusto writes it.
    public static String ofReal(double value) {
        return Double.isFinite(value) ? RealText.format(value, true) : "null";
    }

    /// JSON from outside in the form it is held in; empty where it is no JSON. Its top-level null is the text `null`.
    public static Optional<String> parse(String json) {
        return WrittenJson.is(json) ? Optional.of(json) : rewritten(json);
    }

    /// The same of a text that is taken apart and put together again in any case.
    static Optional<String> rewritten(String json) {
        StringWriter out = new StringWriter(json.length());
        try (JsonParser parser = JSON.createParser(json);
                JsonGenerator generator = JSON.createGenerator(out)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            copyOutside(parser, generator);
            if (parser.nextToken() != null) {
                return Optional.empty();
            }
        } catch (IOException notJson) {
            return Optional.empty();
        }
        return Optional.of(out.toString());
    }

    private static void copyOutside(JsonParser parser, JsonGenerator generator) throws IOException {
        int depth = 0;
        JsonToken token = parser.currentToken();
        while (true) {
            switch (token) {
                case START_ARRAY, START_OBJECT -> {
                    depth++;
                    copyStructure(token, generator);
                }
                case END_ARRAY, END_OBJECT -> {
                    depth--;
                    copyStructure(token, generator);
                }
                case FIELD_NAME -> generator.writeFieldName(parser.currentName());
                case VALUE_STRING -> {
                    String text = parser.getText();
                    generator.writeString(!text.isEmpty() && text.charAt(0) == MARK ? MARK + text : text);
                }
                case VALUE_NUMBER_INT -> generator.writeNumber(parser.getText());
                case VALUE_NUMBER_FLOAT -> generator.writeNumber(ofRealNumber(parser.getText()));
                case VALUE_TRUE -> generator.writeBoolean(true);
                case VALUE_FALSE -> generator.writeBoolean(false);
                case VALUE_NULL -> generator.writeNull();
                case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new AssertionError("a text parser gives no " + token);
            }
            if (depth == 0) {
                return;
            }
            token = parser.nextToken();
            if (token == null) {
                throw new IOException("the text ends inside a value");
            }
        }
    }

    /// A number of JSON with a point or an exponent as it is written here, `100.0` for `1e2`; one beyond the range of reals keeps its spelling.
    public static String ofRealNumber(String json) {
        if (isShortest(json)) {
            return json;
        }
        double value = Double.parseDouble(json);
        return Double.isFinite(value) ? RealText.format(value, true) : json;
    }

    /// Up to fifteen digits without an exponent or zeros at the end are written as they are read; what small numbers have is looked at.
    static boolean isShortest(String json) {
        int length = json.length();
        int end = json.charAt(length - 1);
        return length <= SHORT_LENGTH && json.indexOf('e') < 0 && json.indexOf('E') < 0
                && (end != '0' || json.charAt(length - 2) == '.') && !json.contains("0.000");
    }

    private static void copyStructure(JsonToken token, JsonGenerator generator) throws IOException {
        switch (token) {
            case START_ARRAY -> generator.writeStartArray();
            case START_OBJECT -> generator.writeStartObject();
            case END_ARRAY -> generator.writeEndArray();
            default -> generator.writeEndObject();
        }
    }

    /// The plain JSON of a dynamic, as it leaves: a datetime is its ISO text, a timespan `1.02:03:04`, a decimal its digits.
    public static String toJson(String dynamic) {
        if (dynamic.indexOf(MARK) < 0) {
            return dynamic;
        }
        StringBuilder json = new StringBuilder(dynamic.length());
        int length = dynamic.length();
        for (int at = 0; at < length; ) {
            char c = dynamic.charAt(at);
            if (c != '"') {
                json.append(c);
                at++;
                continue;
            }
            int end = endOfString(dynamic, at);
            if (dynamic.charAt(at + 1) == MARK) {
                json.append('"');
                escape(json, untag(dynamic.substring(at + 1, end - 1)));
                json.append('"');
            } else {
                json.append(dynamic, at, end);
            }
            at = end;
        }
        return json.toString();
    }

    /// The text of a string token that begins with the mark, without the mark: of a tagged value, its wire text.
    /// (The token's own escapes can only stand in a string of the user's.)
    private static String untag(String token) {
        String payload = token.substring(1);
        if (payload.isEmpty()) {
            return payload;
        }
        String value = payload.substring(1);
        return switch (payload.charAt(0)) {
            case 't' -> DateTimeText.format(Long.parseLong(value));
            case 's' -> TimeSpanText.format(Long.parseLong(value));
            case 'g', 'd' -> value;
            default -> unescape(payload);
        };
    }

    /// The value of a dynamic string without quotes and escapes, and of a tagged value its wire text; empty where the
    /// dynamic is something else.
    public static Optional<String> stringValue(String dynamic) {
        if (dynamic.length() < 2 || dynamic.charAt(0) != '"') {
            return Optional.empty();
        }
        String token = dynamic.substring(1, dynamic.length() - 1);
        if (!token.isEmpty() && token.charAt(0) == MARK) {
            return Optional.of(untag(token));
        }
        return Optional.of(unescape(token));
    }

    /// The text of a JSON string, whatever it begins with.
    static String unquote(String json) {
        return unescape(json.substring(1, json.length() - 1));
    }

    /// The letter of a tagged value (`t`, `s`, `g`, `d`), or 0.
    public static char tag(String dynamic) {
        return dynamic.length() > 3 && dynamic.charAt(1) == MARK && dynamic.charAt(0) == '"' && dynamic.charAt(2) != MARK
                ? dynamic.charAt(2)
                : 0;
    }

    /// What stands after the letter of a tagged value.
    public static String payload(String dynamic) {
        return dynamic.substring(3, dynamic.length() - 1);
    }

    static int endOfString(String text, int start) {
        int at = start + 1;
        while (text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static String unescape(String token) {
        if (token.indexOf('\\') < 0) {
            return token;
        }
        try (JsonParser parser = JSON.createParser('"' + token + '"')) {
            parser.nextToken();
            return parser.getText();
        } catch (IOException broken) {
            throw new UncheckedIOException("dynamic text holds a broken string", broken);
        }
    }

    /// As DuckDB and Jackson escape, letter by letter, so that equal strings are equal texts whoever wrote them.
    private static void escape(StringBuilder text, String value) {
        int plain = 0;
        while (plain < value.length() && value.charAt(plain) >= ' ' && value.charAt(plain) != '"' && value.charAt(plain) != '\\') {
            plain++;
        }
        text.append(value, 0, plain);
        for (int i = plain; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < ' ') {
                        text.append("\\u00").append(c < 16 ? '0' : '1').append("0123456789ABCDEF".charAt(c & 15));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
    }
}
