package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.ingest.JsonCopy.Reals;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON records by a mapping in one pass: the paths form a tree that is walked along with the tokens, so values nobody
/// asks for are skipped.
final class JsonRecords {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final RecordMapping mapping;
    private final Node root = new Node();

    JsonRecords(RecordMapping mapping) {
        this.mapping = mapping;
        for (int target = 0; target < mapping.targets().size(); target++) {
            if (mapping.targets().get(target).origin() instanceof Origin.Path(JsonPath path)) {
                root.at(path).targets.add(target);
            }
        }
    }

    private static final class Node {
        private final List<Integer> targets = new ArrayList<>();
        private final Map<String, Node> names = new HashMap<>();
        private final Map<Integer, Node> indexes = new HashMap<>();

        private Node at(JsonPath path) {
            Node node = this;
            for (JsonPath.Step step : path.steps()) {
                node = switch (step) {
                    case JsonPath.Step.Name(String name) -> node.names.computeIfAbsent(name, _ -> new Node());
                    case JsonPath.Step.Index(int index) -> node.indexes.computeIfAbsent(index, _ -> new Node());
                };
            }
            return node;
        }

        private boolean hasChildren() {
            return !names.isEmpty() || !indexes.isEmpty();
        }
    }

    /// Writes the record the parser stands at; it then stands at the record's end.
    void read(JsonParser parser, RowBuilder row) throws IOException {
        value(parser, root, row);
    }

    private void value(JsonParser parser, Node node, RowBuilder row) throws IOException {
        JsonToken token = parser.currentToken();
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                if (node.targets.isEmpty()) {
                    descend(parser, node, row);
                    return;
                }
                boolean keepsSpelling = needsSpelling(node, row);
                String text = JsonCopy.structure(parser, keepsSpelling ? Reals.AS_SPELLED : Reals.AS_HELD);
                for (int target : node.targets) {
                    String own = transformed(target, text);
                    row.structure(target, keepsSpelling && !row.isText(target) ? JsonCopy.held(own) : own);
                }
                if (node.hasChildren()) {
                    try (JsonParser again = JsonCopy.JSON.createParser(new StringReader(DynamicText.toJson(text)))) {
                        again.nextToken();
                        descend(again, node, row);
                    }
                }
            }
            case VALUE_STRING -> {
                for (int target : node.targets) {
                    row.text(target, parser.getText());
                }
            }
            case VALUE_NUMBER_INT -> {
                for (int target : node.targets) {
                    row.number(target, parser.getText());
                }
            }
            case VALUE_NUMBER_FLOAT -> {
                for (int target : node.targets) {
                    if (parser.isNaN()) {
                        row.field(target, parser.getText());
                    } else {
                        row.realNumber(target, parser.getText());
                    }
                }
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                for (int target : node.targets) {
                    row.bool(target, token == JsonToken.VALUE_TRUE);
                }
            }
            case VALUE_NULL -> node.targets.forEach(row::setNull);
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                throw new AssertionError("no value begins with " + token);
        }
    }

    /// Whether something is made of an object or array that is not the dynamic value it is.
    private boolean needsSpelling(Node node, RowBuilder row) {
        if (node.hasChildren()) {
            return true;
        }
        for (int target : node.targets) {
            if (row.isText(target) || mapping.targets().get(target).transform() != Transform.NONE) {
                return true;
            }
        }
        return false;
    }

    private void descend(JsonParser parser, Node node, RowBuilder row) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            while (next(parser) != JsonToken.END_OBJECT) {
                Node child = node.names.get(parser.currentName());
                next(parser);
                child(parser, child, row);
            }
        } else {
            for (int index = 0; next(parser) != JsonToken.END_ARRAY; index++) {
                child(parser, node.indexes.get(index), row);
            }
        }
    }

    private void child(JsonParser parser, Node child, RowBuilder row) throws IOException {
        if (child == null) {
            parser.skipChildren();
        } else {
            value(parser, child, row);
        }
    }

    private static JsonToken next(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new IOException("the text ends inside a record");
        }
        return token;
    }

    /// Writes an object or array, in the form of [DynamicText], as the target's transformation wants it.
    void structure(int target, String text, RowBuilder row) throws JsonProcessingException {
        row.structure(target, transformed(target, text));
    }

    private String transformed(int target, String text) throws JsonProcessingException {
        return switch (mapping.targets().get(target).transform()) {
            case PROPERTY_BAG_ARRAY_TO_DICTIONARY -> dictionary(text);
            case DROP_MAPPED_FIELDS -> withoutMapped(target, text);
            case NONE, SOURCE_LOCATION, SOURCE_LINE_NUMBER, DATETIME_FROM_UNIX_SECONDS, DATETIME_FROM_UNIX_MILLISECONDS,
                    DATETIME_FROM_UNIX_MICROSECONDS, DATETIME_FROM_UNIX_NANOSECONDS, BYTES_AS_BASE64 -> text;
        };
    }

    private static JsonNode tree(String text) throws JsonProcessingException {
        try {
            return JSON.readTree(text);
        } catch (NumberFormatException beyond) {
            // Jackson's own way of telling an exponent that no decimal has, such as that of 1E99999999999.
            throw new JsonParseException(null, "a number is beyond what numbers can be");
        }
    }

    private static String dictionary(String text) throws JsonProcessingException {
        JsonNode bags = tree(text);
        if (!bags.isArray()) {
            return text;
        }
        ObjectNode all = JSON.createObjectNode();
        for (JsonNode bag : bags) {
            bag.properties().forEach(property -> all.set(property.getKey(), property.getValue()));
        }
        return all.toString();
    }

    private String withoutMapped(int target, String text) throws JsonProcessingException {
        JsonNode rest = tree(text);
        List<JsonPath.Step> own = steps(target);
        for (int other = 0; other < mapping.targets().size(); other++) {
            List<JsonPath.Step> path = steps(other);
            if (path.size() > own.size() && path.subList(0, own.size()).equals(own)) {
                remove(rest, path.subList(own.size(), path.size()));
            }
        }
        return rest.toString();
    }

    private List<JsonPath.Step> steps(int target) {
        return mapping.targets().get(target).origin() instanceof Origin.Path(JsonPath path) ? path.steps() : List.of();
    }

    private static void remove(JsonNode from, List<JsonPath.Step> path) {
        JsonNode parent = from;
        for (JsonPath.Step step : path.subList(0, path.size() - 1)) {
            parent = switch (step) {
                case JsonPath.Step.Name(String name) -> parent.path(name);
                case JsonPath.Step.Index(int index) -> parent.path(index);
            };
        }
        switch (path.getLast()) {
            case JsonPath.Step.Name(String name) -> {
                if (parent instanceof ObjectNode object) {
                    object.remove(name);
                }
            }
            // Removing an element would move the others; it stays as null.
            case JsonPath.Step.Index(int index) -> {
                if (parent instanceof ArrayNode array && index < array.size()) {
                    array.setNull(index);
                }
            }
        }
    }
}
