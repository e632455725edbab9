package io.conshelf.connectors.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.ValueType;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Prints a cell as PostgreSQL reads it into a column of its own type.
final class PostgresCell {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TIMESPAN = Pattern.compile("(-?)(?:(\\d+)\\.)?(\\d+:\\d\\d:\\d\\d(?:\\.\\d+)?)");
    /// PostgreSQL has microseconds, and would round up what is finer.
    private static final Pattern FINER = Pattern.compile("(\\.\\d{6})\\d+");

    private PostgresCell() {}

    /// @throws IllegalArgumentException when it is no value of the column
    static String text(JsonNode cell, ValueType type, String columnType) {
        String text = cell.isValueNode() ? cell.asText() : cell.toString();
        return switch (columnType) {
            case "timestamp", "timestamptz" -> FINER.matcher(text).replaceFirst("$1");
            case "interval" -> type == ValueType.TIMESPAN ? interval(text) : text;
            case "time" -> type == ValueType.TIMESPAN ? FINER.matcher(text).replaceFirst("$1").replaceFirst("^0\\.(?=\\d+:)", "") : text;
            case "bytea" -> "\\x" + HexFormat.of().formatHex(bytes(text));
            case "json", "jsonb" -> type == ValueType.DYNAMIC || !cell.isTextual() ? cell.toString() : text;
            default -> columnType.startsWith("_") && text.startsWith("[") ? array(text) : text;
        };
    }

    private static String interval(String text) {
        Matcher parts = TIMESPAN.matcher(text);
        if (!parts.matches()) {
            return text;
        }
        String sign = parts.group(1);
        String time = FINER.matcher(parts.group(3)).replaceFirst("$1");
        return (parts.group(2) == null ? "" : sign + parts.group(2) + " days ") + sign + time;
    }

    private static byte[] bytes(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBytes) {
            throw new IllegalArgumentException("the text is not base64, which bytes travel as", notBytes);
        }
    }

    private static String array(String text) {
        try {
            StringBuilder array = new StringBuilder();
            append(JSON.readTree(text), array);
            return array.toString();
        } catch (JsonProcessingException notJson) {
            throw new IllegalArgumentException("the text is no JSON array: " + notJson.getOriginalMessage(), notJson);
        }
    }

    private static void append(JsonNode value, StringBuilder array) {
        if (value.isArray()) {
            array.append('{');
            for (int i = 0; i < value.size(); i++) {
                array.append(i == 0 ? "" : ",");
                append(value.get(i), array);
            }
            array.append('}');
        } else if (value.isNull()) {
            array.append("NULL");
        } else {
            String text = value.isValueNode() ? value.asText() : value.toString();
            array.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
        }
    }
}
