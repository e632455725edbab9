package io.conshelf.engine;

import com.fasterxml.jackson.core.JsonFactory;
import io.conshelf.kql.bind.Bound;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// What `render` asks for, as the JSON text that clients find beside the result.
final class VisualizationText {
    private static final JsonFactory JSON = new JsonFactory();

    private VisualizationText() {}

    static String of(Bound.Render render) {
        Map<String, Object> fields = absent();
        fields.put("Visualization", render.visualization());
        for (Bound.Option property : render.properties()) {
            fields.keySet().stream()
                    .filter(key -> key.toLowerCase(Locale.ROOT).equals(property.name().toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .ifPresent(key -> fields.put(key, value(key, property.value())));
        }
        return json(fields);
    }

    private static Map<String, Object> absent() {
        var fields = new LinkedHashMap<String, Object>();
        for (String name : new String[] {"Visualization", "Title", "XColumn", "Series", "YColumns", "AnomalyColumns",
                "XTitle", "YTitle", "XAxis", "YAxis", "Legend", "YSplit"}) {
            fields.put(name, Absent.NULL);
        }
        fields.put("Accumulate", false);
        fields.put("IsQuerySorted", false);
        fields.put("Kind", Absent.NULL);
        fields.put("Ymin", "NaN");
        fields.put("Ymax", "NaN");
        fields.put("Xmin", Absent.NULL);
        fields.put("Xmax", Absent.NULL);
        return fields;
    }

    private enum Absent { NULL }

    private static Object value(String key, String text) {
        return switch (key) {
            case "Accumulate" -> Boolean.parseBoolean(text);
            case "Series", "YColumns", "AnomalyColumns" -> text.split("\\s*,\\s*");
            case "Ymin", "Ymax", "Xmin", "Xmax" -> number(text);
            default -> text;
        };
    }

    private static Object number(String text) {
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private static String json(Map<String, Object> fields) {
        var out = new StringWriter();
        try (var json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (var field : fields.entrySet()) {
                json.writeFieldName(field.getKey());
                switch (field.getValue()) {
                    case Absent _ -> json.writeNull();
                    case Boolean flag -> json.writeBoolean(flag);
                    case Double number -> json.writeNumber(number);
                    case String[] names -> json.writeArray(names, 0, names.length);
                    case Object text -> json.writeString(text.toString());
                }
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }
}
