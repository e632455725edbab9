package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;

/// Keeps secrets out of run records.
final class Secrets {
    static final JsonNode MASK = TextNode.valueOf("**********");

    private Secrets() {}

    /// The value with every `{"type":"SecureString","value":…}`, every secret of an `authentication` and every occurrence of these texts masked.
    static JsonNode mask(JsonNode value, List<String> secrets) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode masked = JsonNodeFactory.instance.objectNode();
                boolean isSecure = object.path("type").asText().equalsIgnoreCase("SecureString");
                object.properties().forEach(property -> masked.set(property.getKey(),
                        isSecure && property.getKey().equals("value") ? MASK
                                : property.getKey().equalsIgnoreCase("authentication") ? authentication(mask(property.getValue(), secrets))
                                : mask(property.getValue(), secrets)));
                yield masked;
            }
            case ArrayNode array -> {
                ArrayNode masked = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> masked.add(mask(item, secrets)));
                yield masked;
            }
            case TextNode text -> {
                String masked = text.textValue();
                for (String secret : secrets) {
                    masked = masked.replace(secret, MASK.textValue());
                }
                yield TextNode.valueOf(masked);
            }
            default -> value;
        };
    }

    // Old definitions of web activities have a password as plain text.
    private static JsonNode authentication(JsonNode value) {
        if (value instanceof ObjectNode stated) {
            stated.properties().stream().map(Map.Entry::getKey).filter(key -> key.equalsIgnoreCase("password") || key.equalsIgnoreCase("pfx"))
                    .filter(key -> stated.get(key).isTextual()).toList().forEach(key -> stated.set(key, MASK));
        }
        return value;
    }
}
