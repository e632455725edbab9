package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/// Members of definitions, whose names are found whatever their case.
final class Member {
    private Member() {}

    static JsonNode of(JsonNode object, String name) {
        JsonNode exact = object.path(name);
        if (!exact.isMissingNode()) {
            return exact;
        }
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (member.getKey().equalsIgnoreCase(name)) {
                return member.getValue();
            }
        }
        return MissingNode.getInstance();
    }

    static String text(JsonNode object, String name, String otherwise) {
        JsonNode member = of(object, name);
        return member.isValueNode() && !member.isNull() && !member.asText().isEmpty() ? member.asText() : otherwise;
    }

    static char delimiter(JsonNode serialization) {
        String delimiter = text(of(serialization, "properties"), "fieldDelimiter", ",");
        return delimiter.equals("\\t") || delimiter.equalsIgnoreCase("tab") ? '\t' : delimiter.charAt(0);
    }
}
