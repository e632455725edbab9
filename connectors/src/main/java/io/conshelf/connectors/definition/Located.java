package io.conshelf.connectors.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A JSON value of a definition and where it stands. Keys are found whatever their case, because articles and tools disagree about it.
///
/// @param file the file, relative to the folder of the definitions
/// @param path the way to the value, such as `properties.activities[0].name`
public record Located(String file, String path, JsonNode value) {

    /// The value under a key; absent values have a place too.
    public Located at(String key) {
        JsonNode found = value.get(key);
        if (found == null && value.isObject()) {
            for (Map.Entry<String, JsonNode> property : value.properties()) {
                if (property.getKey().equalsIgnoreCase(key)) {
                    return new Located(file, join(property.getKey()), property.getValue());
                }
            }
        }
        return new Located(file, join(key), found == null ? MissingNode.getInstance() : found);
    }

    public boolean isPresent() {
        return !value.isMissingNode() && !value.isNull();
    }

    public List<Located> items() {
        List<Located> items = new ArrayList<>();
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                items.add(new Located(file, path + "[" + i + "]", value.get(i)));
            }
        }
        return items;
    }

    public List<Map.Entry<String, Located>> properties() {
        List<Map.Entry<String, Located>> properties = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : value.properties()) {
            properties.add(Map.entry(property.getKey(), new Located(file, join(property.getKey()), property.getValue())));
        }
        return properties;
    }

    public Optional<String> text() {
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    public String text(String otherwise) {
        return text().orElse(otherwise);
    }

    /// A whole number that may stand in text.
    public Optional<Long> integer() {
        if (value.canConvertToExactIntegral() && value.isNumber()) {
            return Optional.of(value.longValue());
        }
        return text().filter(text -> text.strip().matches("-?\\d{1,18}")).map(text -> Long.parseLong(text.strip()));
    }

    /// A truth value that may stand in text.
    public Optional<Boolean> flag() {
        if (value.isBoolean()) {
            return Optional.of(value.booleanValue());
        }
        return text().map(String::strip).filter(text -> text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")).map(Boolean::parseBoolean);
    }

    public Problem problem(String message) {
        return new Problem(file, path, message);
    }

    private String join(String key) {
        String step = key.matches("[A-Za-z_$][A-Za-z0-9_$-]*") ? key : "['" + key + "']";
        return path.isEmpty() ? step : step.startsWith("[") ? path + step : path + "." + step;
    }
}
