package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Collection;
import java.util.Optional;

/// Small JSON texts that storage writes.
final class JsonText {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonText() {}

    static String array(Collection<String> elements) {
        ArrayNode array = JSON.createArrayNode();
        elements.stream().sorted().forEach(array::add);
        return array.toString();
    }

    static String object(String field, String value) {
        return JSON.createObjectNode().put(field, value).toString();
    }

    /// The text in a field of an object; empty if there is none.
    static Optional<String> field(String object, String field) {
        try {
            return Optional.ofNullable(JSON.readTree(object).path(field).textValue());
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }
}
