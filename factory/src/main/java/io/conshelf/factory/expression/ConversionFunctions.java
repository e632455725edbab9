package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.factory.expression.Function.Kind;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// From one kind of value to another.
final class ConversionFunctions {
    private static final Set<Kind> SCALAR = EnumSet.of(Kind.STRING, Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN);
    private static final Set<Kind> TEXT_OR_BINARY = EnumSet.of(Kind.STRING, Kind.OBJECT);
    // What Json.NET takes, by which the service reads: quotes of either kind or none around names, comments, a comma at the end, line breaks in strings.
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();
    private static final String BYTES = "application/octet-stream";

    static final List<Function> ALL = List.of(
            function("array").takes("value", Kind.ANY).gives(Kind.ARRAY).as(ConversionFunctions::array),
            function("createArray").mayTakeMany("value", Kind.ANY).gives(Kind.ARRAY).as(ConversionFunctions::array),
            function("base64").takes("text", TEXT_OR_BINARY).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(encode(bytes(a)))),
            function("base64ToBinary").takes("text", Kind.STRING).gives(Kind.OBJECT)
                    .as(a -> binary(BYTES, decode(a, a.text(0)))),
            function("base64ToString").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(string(decode(a, a.text(0))))),
            function("decodeBase64").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(string(decode(a, a.text(0))))),
            function("binary").takes("value", TEXT_OR_BINARY).gives(Kind.OBJECT)
                    .as(a -> binary(BYTES, bytes(a))),
            function("bool").takes("value", SCALAR).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(bool(a))),
            function("coalesce").takesMany("value", Kind.ANY)
                    .as(ConversionFunctions::coalesce),
            function("dataUri").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text("data:text/plain;charset=utf-8;base64," + encode(bytes(a)))),
            function("dataUriToBinary").takes("uri", Kind.STRING).gives(Kind.OBJECT)
                    .as(a -> DataUri.parse(a).asBinary()),
            function("decodeDataUri").takes("uri", Kind.STRING).gives(Kind.OBJECT)
                    .as(a -> DataUri.parse(a).asBinary()),
            function("dataUriToString").takes("uri", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(string(DataUri.parse(a).content()))),
            function("encodeUriComponent").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(encodeUri(a.text(0)))),
            function("uriComponent").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(encodeUri(a.text(0)))),
            function("decodeUriComponent").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(string(decodeUri(a.text(0))))),
            function("uriComponentToString").takes("text", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(string(decodeUri(a.text(0))))),
            function("uriComponentToBinary").takes("text", Kind.STRING).gives(Kind.OBJECT)
                    .as(a -> binary(BYTES, decodeUri(a.text(0)))),
            function("float").takes("value", SCALAR).gives(Kind.FLOAT)
                    .as(ConversionFunctions::floating),
            function("int").takes("value", SCALAR).gives(Kind.INTEGER)
                    .as(ConversionFunctions::integer),
            function("json").takes("value", Kind.ANY)
                    .as(ConversionFunctions::json),
            function("string").takes("value", Kind.ANY).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(Evaluator.text(a.value(0)))),
            function("xml").takes("value", EnumSet.of(Kind.STRING, Kind.OBJECT)).gives(Kind.STRING)
                    .as(a -> StringFunctions.text(Xml.fromJson(a))),
            function("xpath").takes("xml", TEXT_OR_BINARY).takes("path", Kind.STRING)
                    .as(a -> Xml.select(a, string(bytes(a)), a.text(1))));

    private ConversionFunctions() {}

    private static JsonNode array(Arguments a) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        a.values().forEach(array::add);
        return a.bounded(array);
    }

    /// Bytes of text, or of the `{"$content-type","$content"}` form in which the service carries binary values.
    private static byte[] bytes(Arguments a) {
        JsonNode value = a.value(0);
        if (value.isTextual()) {
            return value.textValue().getBytes(StandardCharsets.UTF_8);
        }
        if (!value.path("$content").isTextual()) {
            throw a.failure(0, "expects text or a binary value, found " + Arguments.describe(value));
        }
        return decode(a, value.get("$content").textValue());
    }

    private static ObjectNode binary(String type, byte[] content) {
        return JsonNodeFactory.instance.objectNode().put("$content-type", type).put("$content", encode(content));
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] decode(Arguments a, String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw a.failure(0, "expects base64 text: " + notBase64.getMessage());
        }
    }

    private static String string(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean bool(Arguments a) {
        JsonNode value = a.value(0);
        return switch (Evaluator.text(value).strip().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> {
                if (value.isNumber()) {
                    yield value.doubleValue() != 0;
                }
                throw a.failure(0, "expects true, false, 1 or 0, found " + Arguments.describe(value));
            }
        };
    }

    private static JsonNode coalesce(Arguments a) {
        for (int i = 0; i < a.count(); i++) {
            if (!a.value(i).isNull()) {
                return a.value(i);
            }
        }
        return NullNode.instance;
    }

    private static BigDecimal number(Arguments a) {
        JsonNode value = a.value(0);
        if (value.isBoolean()) {
            return value.booleanValue() ? BigDecimal.ONE : BigDecimal.ZERO;
        }
        try {
            return value.isTextual() ? new BigDecimal(value.textValue().strip()) : value.decimalValue();
        } catch (NumberFormatException notANumber) {
            throw a.failure(0, "expects a number, found " + Arguments.describe(value));
        }
    }

    private static JsonNode floating(Arguments a) {
        return DoubleNode.valueOf(number(a).doubleValue());
    }

    private static JsonNode integer(Arguments a) {
        BigDecimal number = number(a);
        if (a.value(0).isTextual() && number.stripTrailingZeros().scale() > 0) {
            throw a.failure(0, "expects an integer, found " + Arguments.describe(a.value(0)));
        }
        // The exponent of hostile text is bounded before it is expanded into digits.
        if (number.precision() - number.scale() > 20) {
            throw a.failure(0, "gives an integer of 64 bits, found " + Arguments.describe(a.value(0)));
        }
        BigInteger whole = number.toBigInteger();
        if (whole.bitLength() > 63) {
            throw a.failure(0, "gives an integer of 64 bits, found " + Arguments.describe(a.value(0)));
        }
        return LongNode.valueOf(whole.longValue());
    }

    static JsonNode json(Arguments a) {
        JsonNode value = a.value(0);
        if (value.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!value.isTextual()) {
            return value;
        }
        String text = value.textValue();
        if (text.stripLeading().startsWith("<")) {
            return Xml.toJson(a, text);
        }
        try {
            JsonNode parsed = JSON.readTree(text);
            if (parsed.isMissingNode()) {
                throw a.failure(0, "expects JSON text, found empty text");
            }
            return parsed;
        } catch (JsonProcessingException notJson) {
            throw a.failure(0, "expects JSON text: " + DefinitionText.reason(notJson));
        }
    }

    // RFC 3986: everything but the unreserved characters is encoded.
    private static String encodeUri(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            if (c < 128 && (Character.isLetterOrDigit(c) || "-_.~".indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append('%').append("%02X".formatted((int) c));
            }
        }
        return encoded.toString();
    }

    private static byte[] decodeUri(String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(source.length);
        for (int i = 0; i < source.length; i++) {
            int high = source[i] == '%' && i + 2 < source.length ? Character.digit(source[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(source[i + 2], 16);
            if (low >= 0) {
                decoded.write(high << 4 | low);
                i += 2;
            } else {
                decoded.write(source[i]);
            }
        }
        return decoded.toByteArray();
    }

    /// `data:<type>[;base64],<content>`.
    private record DataUri(String type, byte[] content) {
        static DataUri parse(Arguments a) {
            String uri = a.text(0);
            int comma = uri.indexOf(',');
            if (!uri.regionMatches(true, 0, "data:", 0, 5) || comma < 0) {
                throw a.failure(0, "expects 'data:<type>;base64,<content>', found " + Arguments.describe(a.value(0)));
            }
            String header = uri.substring(5, comma);
            boolean isBase64 = header.endsWith(";base64");
            String type = isBase64 ? header.substring(0, header.length() - 7) : header;
            String content = uri.substring(comma + 1);
            return new DataUri(type.isEmpty() ? "text/plain;charset=US-ASCII" : type, isBase64 ? decode(a, content) : decodeUri(content));
        }

        ObjectNode asBinary() {
            return binary(type, content);
        }
    }
}
