package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.SeenShapes;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Values of cells that are there as trees of JSON. Belongs to one thread.
final class JsonNodeValues {
    static final class NoValue extends Exception {
        NoValue(String message) {
            super(message, null, false, false);
        }
    }

    private final Compatibility level;
    private final SeenShapes shapes;

    JsonNodeValues(Compatibility level) {
        this.level = level;
        this.shapes = new SeenShapes(level.isAtLeast(Compatibility.V1_1) ? SeenShapes.Names.AS_WRITTEN : SeenShapes.Names.LOWER_CASE);
    }

    Shape shape(List<String> names) {
        return shapes.of(names);
    }

    Value of(JsonNode node) throws NoValue {
        return switch (node.getNodeType()) {
            case NULL, MISSING -> Null.NULL;
            case STRING -> Value.of(node.textValue());
            case BOOLEAN -> level.isAtLeast(Compatibility.V1_2) ? Value.of(node.booleanValue()) : Value.of(node.booleanValue() ? 1 : 0);
            case NUMBER -> number(node);
            case ARRAY -> {
                List<Value> elements = new ArrayList<>(node.size());
                for (JsonNode element : node) {
                    elements.add(of(element));
                }
                yield new Array(elements);
            }
            case OBJECT -> {
                SeenShapes.Node names = shapes.start();
                List<Value> values = new ArrayList<>(node.size());
                for (Map.Entry<String, JsonNode> member : node.properties()) {
                    names = shapes.then(names, member.getKey());
                    Value value = of(member.getValue());
                    if (names.isNew()) {
                        values.add(value);
                    } else if (!level.isAtLeast(Compatibility.V1_1)) {
                        throw new NoValue("Two fields are called '" + member.getKey() + "' in small letters, which names are up to compatibility level 1.0.");
                    } else {
                        values.set(names.index(), value);
                    }
                }
                yield values.isEmpty() ? Record.EMPTY : new Record(names.shape(), values.toArray(Value[]::new));
            }
            case BINARY, POJO -> throw new NoValue("A value of bytes is not supported.");
        };
    }

    private static Value number(JsonNode node) throws NoValue {
        if (node.isIntegralNumber()) {
            if (!node.canConvertToLong()) {
                throw new NoValue("InputDeserializationError: the integer " + node.asText() + " does not fit bigint.");
            }
            return Value.of(node.longValue());
        }
        return Value.of(node.doubleValue());
    }
}
