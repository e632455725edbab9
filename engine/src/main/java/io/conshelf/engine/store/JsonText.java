package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Collection;

/// Small JSON texts that storage writes.
final class JsonText {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonText() {}

    static String array(Collection<String> elements) {
        ArrayNode array = JSON.createArrayNode();
        elements.stream().sorted().forEach(array::add);
        return array.toString();
    }
}
