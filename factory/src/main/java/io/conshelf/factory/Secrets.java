package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/// Keeps secrets out of run records.
final class Secrets {
    static final JsonNode MASK = TextNode.valueOf("**********");

    private Secrets() {}

    /// The value with every `{"type":"SecureString","value":…}` and every occurrence of these texts masked.
    static JsonNode mask(JsonNode value, List<String> secrets) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode masked = JsonNodeFactory.instance.objectNode();
                boolean isSecure = object.path("type").asText().equalsIgnoreCase("SecureString");
                object.properties().forEach(property -> masked.set(property.getKey(),
                        isSecure && property.getKey().equals("value") ? MASK : mask(property.getValue(), secrets)));
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
}
