package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/// Keeps secrets out of run records.
final class Secrets {
    static final JsonNode MASK = TextNode.valueOf("**********");

    private Secrets() {}

    /// The value with every `{"type":"SecureString","value":…}` masked.
    static JsonNode mask(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode masked = JsonNodeFactory.instance.objectNode();
                boolean isSecure = object.path("type").asText().equalsIgnoreCase("SecureString");
                object.properties().forEach(property -> masked.set(property.getKey(),
                        isSecure && property.getKey().equals("value") ? MASK : mask(property.getValue())));
                yield masked;
            }
            case ArrayNode array -> {
                ArrayNode masked = JsonNodeFactory.instance.arrayNode();
                array.forEach(item -> masked.add(mask(item)));
                yield masked;
            }
            default -> value;
        };
    }
}
