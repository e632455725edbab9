package io.conshelf.processor.jq;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// `@base64` and the like: a value as text for a certain place.
@FunctionalInterface
interface Formats {
    Formats TEXT = Operators::text;

    Map<String, Formats> NAMED = Map.ofEntries(
            Map.entry("@text", TEXT),
            Map.entry("@json", JsonText::write),
            Map.entry("@html", value -> escaped(Operators.text(value))),
            Map.entry("@uri", value -> uri(Operators.text(value))),
            Map.entry("@urid", value -> uriDecoded(Operators.text(value))),
            Map.entry("@csv", value -> row(value, "csv", ",", text -> "\"" + text.replace("\"", "\"\"") + "\"")),
            Map.entry("@tsv", value -> row(value, "tsv", "\t",
                    text -> text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r"))),
            Map.entry("@sh", Formats::shell),
            Map.entry("@base64", value -> Base64.getEncoder().encodeToString(
                    value instanceof Value.Binary(byte[] bytes) ? bytes : Operators.text(value).getBytes(StandardCharsets.UTF_8))),
            Map.entry("@base32", value -> base32(Operators.text(value))),
            Map.entry("@base32d", value -> base32Decoded(Operators.text(value))),
            Map.entry("@base64d", value -> decoded(Operators.text(value).strip())));

    String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    String apply(Value value);

    static Optional<Formats> named(String name) {
        return Optional.ofNullable(NAMED.get(name));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("'", "&apos;").replace("\"", "&quot;");
    }

    private static String uri(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (one & 0xFF);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-_.~".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16))).append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return encoded.toString();
    }

    private static String row(Value value, String format, String separator, java.util.function.UnaryOperator<String> quoted) {
        if (!(value instanceof Value.Items(List<Value> cells))) {
            throw new JqException(JqException.shown(value) + " cannot be " + format + "-formatted, only an array can be");
        }
        return cells.stream().map(cell -> switch (cell) {
            case Value.Null _ -> "";
            case Value.Truth _, Value.Whole _, Value.Large _, Value.Real _ -> JsonText.write(cell);
            case Value.Text(String text) -> quoted.apply(text);
            case Value.Binary _, Value.Items _, Value.Members _ -> throw new JqException(JqException.shown(cell) + " is not valid in a " + format + " row");
        }).collect(Collectors.joining(separator));
    }

    private static String shell(Value value) {
        List<Value> words = value instanceof Value.Items(List<Value> items) ? items : List.of(value);
        return words.stream().map(word -> switch (word) {
            case Value.Text(String text) -> "'" + text.replace("'", "'\\''") + "'";
            case Value.Items _, Value.Members _ -> throw new JqException(JqException.shown(word) + " can not be escaped for shell");
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _ -> JsonText.write(word);
        }).collect(Collectors.joining(" "));
    }

    private static String uriDecoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            throw new JqException(JqException.shown(Value.of(text)) + " is not a valid uri encoding");
        }
    }

    private static String base32(String text) {
        StringBuilder encoded = new StringBuilder();
        long bits = 0;
        int count = 0;
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            bits = bits << 8 | one & 0xFF;
            for (count += 8; count >= 5; count -= 5) {
                encoded.append(BASE32.charAt((int) (bits >> count - 5) & 31));
            }
        }
        if (count > 0) {
            encoded.append(BASE32.charAt((int) (bits << 5 - count) & 31));
        }
        return encoded.append("=".repeat((8 - encoded.length() % 8) % 8)).toString();
    }

    private static String base32Decoded(String text) {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        long bits = 0;
        int count = 0;
        for (int i = 0; i < text.length() && text.charAt(i) != '='; i++) {
            int digit = BASE32.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new JqException(JqException.shown(Value.of(text)) + " is not valid base32 data");
            }
            bits = bits << 5 | digit;
            count += 5;
            if (count >= 8) {
                count -= 8;
                bytes.write((int) (bits >> count) & 0xFF);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// However many `=` there are at its end.
    private static String decoded(String text) {
        try {
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == '=') {
                end--;
            }
            return new String(Base64.getDecoder().decode(text.substring(0, end)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            throw new JqException(JqException.shown(Value.of(text)) + " is not valid base64 data");
        }
    }
}
