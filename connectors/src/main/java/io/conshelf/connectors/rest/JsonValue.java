package io.conshelf.connectors.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A path to one value of a document: `$.a.b`, `$['a b'][0]`, `$.items[-1].id`.
record JsonValue(List<String> steps) {
    // Possessive, because a choice that may be taken back needs a place on the stack for every character.
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[\\]'\"]+)|\\['((?:[^'\\\\]++|\\\\.)*+)'\\]|\\[\"((?:[^\"\\\\]++|\\\\.)*+)\"\\]|\\[(-?\\d{1,9})(?::)?\\]");
    private static final String INDEX = "#";
    private static final int STEPS_MAX = 100;
    /// Items from the end of an array, which are kept until it ends.
    private static final int FROM_END_MAX = 1_000;
    private static final ObjectMapper JSON = new ObjectMapper();

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
        if (steps.size() > STEPS_MAX || steps.stream().anyMatch(step -> step.startsWith(INDEX) && Integer.parseInt(step.substring(1)) < -FROM_END_MAX)) {
            throw StoreException.user("UserErrorInvalidPaginationRule", "A path of a pagination rule has at most " + STEPS_MAX + " steps, and counts at most "
                    + FROM_END_MAX + " items from the end of an array");
        }
        return new JsonValue(List.copyOf(steps));
    }

    /// The value in a document that is read along and never held: a page may be of any size. An array or object stands for itself by whether it
    /// is empty.
    JsonNode of(Path document) throws IOException {
        try (JsonParser parser = JSON.createParser(document.toFile())) {
            return parser.nextToken() == null ? MissingNode.getInstance() : value(parser, 0);
        }
    }

    /// Reads the value that the parser stands at to its end.
    private JsonNode value(JsonParser parser, int at) throws IOException {
        if (at == steps.size()) {
            return shown(parser);
        }
        String step = steps.get(at);
        boolean isIndex = step.startsWith(INDEX);
        if (parser.currentToken() != (isIndex ? JsonToken.START_ARRAY : JsonToken.START_OBJECT)) {
            parser.skipChildren();
            return MissingNode.getInstance();
        }
        return isIndex ? item(parser, at, Integer.parseInt(step.substring(1))) : property(parser, at, step.substring(1));
    }

    private JsonNode property(JsonParser parser, int at, String name) throws IOException {
        JsonNode found = MissingNode.getInstance();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            boolean isMeant = parser.currentName().equals(name);
            parser.nextToken();
            if (isMeant) {
                found = value(parser, at + 1);
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    private JsonNode item(JsonParser parser, int at, int index) throws IOException {
        Deque<JsonNode> last = new ArrayDeque<>();
        JsonNode found = MissingNode.getInstance();
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == index) {
                found = value(parser, at + 1);
            } else if (index < 0) {
                last.add(value(parser, at + 1));
                if (last.size() > -index) {
                    last.removeFirst();
                }
            } else {
                parser.skipChildren();
            }
        }
        return index < 0 && last.size() == -index ? last.getFirst() : found;
    }

    private static JsonNode shown(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                boolean isEmpty = parser.nextToken() == JsonToken.END_OBJECT;
                for (JsonToken next = parser.currentToken(); next != JsonToken.END_OBJECT; next = parser.nextToken()) {
                    parser.nextToken();
                    parser.skipChildren();
                }
                yield isEmpty ? JsonNodeFactory.instance.objectNode() : JsonNodeFactory.instance.objectNode().putNull("");
            }
            case START_ARRAY -> {
                boolean isEmpty = parser.nextToken() == JsonToken.END_ARRAY;
                for (JsonToken next = parser.currentToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                    parser.skipChildren();
                }
                yield isEmpty ? JsonNodeFactory.instance.arrayNode() : JsonNodeFactory.instance.arrayNode().addNull();
            }
            default -> JSON.readTree(parser);
        };
    }
}
