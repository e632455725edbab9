package io.conshelf.kql.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Case files: one JSON object a line.
public final class JsonLines {
    private JsonLines() {}

    /// One object. Values are maps, lists, strings, numbers, booleans; a null is left out.
    public record Line(Map<String, Object> fields) {
        public String text(String field) {
            return (String) fields.get(field);
        }

        public Optional<Object> field(String field) {
            return Optional.ofNullable(fields.get(field));
        }

        /// The objects of a list field, none where it is missing.
        public List<Line> objects(String field) {
            List<Line> lines = new ArrayList<>();
            if (fields.get(field) instanceof List<?> list) {
                for (Object item : list) {
                    lines.add(object(item));
                }
            }
            return lines;
        }

        private static Line object(Object value) {
            Map<String, Object> fields = new LinkedHashMap<>();
            if (value instanceof Map<?, ?> map) {
                map.forEach((key, item) -> fields.put((String) key, item));
            }
            return new Line(fields);
        }
    }

    public static List<Line> read(Path file) {
        List<Line> lines = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            while (json.nextToken() != null) {
                lines.add(Line.object(value(json)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
        return lines;
    }

    private static Object value(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = json.currentName();
                    if (json.nextToken() != JsonToken.VALUE_NULL) {
                        object.put(name, value(json));
                    }
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    array.add(json.currentToken() == JsonToken.VALUE_NULL ? Optional.empty() : value(json));
                }
                yield array;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getNumberValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> json.getText();
        };
    }
}
