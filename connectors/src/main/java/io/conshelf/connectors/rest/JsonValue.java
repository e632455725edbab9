package io.conshelf.connectors.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A path to one value of a document: `$.a.b`, `$['a b'][0]`, `$.items[-1].id`.
record JsonValue(List<String> steps) {
    // Possessive, because a choice that may be taken back needs a place on the stack for every character.
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[\\]'\"]+)|\\['((?:[^'\\\\]++|\\\\.)*+)'\\]|\\[\"((?:[^\"\\\\]++|\\\\.)*+)\"\\]|\\[(-?\\d{1,9})(?::)?\\]");
    private static final String INDEX = "#";

    static JsonValue parse(String path) throws StoreException {
        List<String> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(path);
        int at = 1;
        while (path.startsWith("$") && at < path.length() && matcher.find(at) && matcher.start() == at) {
            String name = matcher.group(1) != null ? matcher.group(1) : matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            steps.add(name != null ? "." + name.replaceAll("\\\\(.)", "$1") : INDEX + matcher.group(4));
            at = matcher.end();
        }
        if (!path.startsWith("$") || at < path.length()) {
            throw StoreException.user("UserErrorInvalidPaginationRule", "'" + path + "' is not a path of a pagination rule; write $.a.b, $['a b'] or $.a[0]");
        }
        return new JsonValue(List.copyOf(steps));
    }

    JsonNode of(JsonNode document) {
        JsonNode value = document;
        for (String step : steps) {
            if (step.startsWith(INDEX)) {
                int index = Integer.parseInt(step.substring(1));
                value = value.path(index < 0 ? value.size() + index : index);
            } else {
                value = value.isObject() ? value.path(step.substring(1)) : MissingNode.getInstance();
            }
        }
        return value;
    }
}
