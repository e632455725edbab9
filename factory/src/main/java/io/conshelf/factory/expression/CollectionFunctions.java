package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.factory.expression.Function.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/// Arrays, objects, and what text has in common with them.
final class CollectionFunctions {
    private static final Set<Kind> TEXT_OR_ARRAY = EnumSet.of(Kind.STRING, Kind.ARRAY);
    private static final Set<Kind> ARRAY_OR_OBJECT = EnumSet.of(Kind.ARRAY, Kind.OBJECT);
    private static final Set<Kind> COLLECTION = EnumSet.of(Kind.STRING, Kind.ARRAY, Kind.OBJECT);
    private static final Set<Kind> COLLECTION_OR_NULL = EnumSet.of(Kind.STRING, Kind.ARRAY, Kind.OBJECT, Kind.NULL);

    static final List<Function> ALL = List.of(
            function("contains").takes("collection", COLLECTION).takes("value", Kind.ANY).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(contains(a))),
            function("empty").takes("collection", COLLECTION_OR_NULL).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(a.value(0).isTextual() ? a.text(0).isEmpty() : a.value(0).isEmpty())),
            function("first").takes("collection", TEXT_OR_ARRAY)
                    .as(a -> end(a, 0)),
            function("last").takes("collection", TEXT_OR_ARRAY)
                    .as(a -> end(a, size(a.value(0)) - 1)),
            function("intersection").takesMany("collection", ARRAY_OR_OBJECT).gives(ARRAY_OR_OBJECT)
                    .as(CollectionFunctions::intersection),
            function("union").takesMany("collection", ARRAY_OR_OBJECT).gives(ARRAY_OR_OBJECT)
                    .as(CollectionFunctions::union),
            function("join").takes("array", Kind.ARRAY).takes("delimiter", Kind.STRING).gives(Kind.STRING)
                    .as(a -> StringFunctions.joined(a, StreamSupport.stream(a.array(0).spliterator(), false), a.text(1))),
            function("length").takes("collection", TEXT_OR_ARRAY).gives(Kind.INTEGER)
                    .as(a -> IntNode.valueOf(size(a.value(0)))),
            function("skip").takes("array", Kind.ARRAY).takes("count", Kind.INTEGER).gives(Kind.ARRAY)
                    .as(a -> slice(a.array(0), Math.min(a.size(1), a.array(0).size()), a.array(0).size())),
            function("take").takes("collection", TEXT_OR_ARRAY).takes("count", Kind.INTEGER).gives(TEXT_OR_ARRAY)
                    .as(CollectionFunctions::take));

    private CollectionFunctions() {}

    private static boolean contains(Arguments a) {
        JsonNode value = a.value(1);
        return switch (a.value(0)) {
            case ArrayNode array -> holds(array, value);
            case ObjectNode object -> object.has(Evaluator.text(value));
            case JsonNode text -> text.asText().contains(Evaluator.text(value));
        };
    }

    private static boolean holds(ArrayNode array, JsonNode value) {
        for (JsonNode item : array) {
            if (LogicalFunctions.same(item, value)) {
                return true;
            }
        }
        return false;
    }

    private static int size(JsonNode collection) {
        return collection.isTextual() ? collection.textValue().length() : collection.size();
    }

    private static JsonNode end(Arguments a, int index) {
        JsonNode collection = a.value(0);
        if (size(collection) == 0) {
            return collection.isTextual() ? collection : NullNode.instance;
        }
        return collection.isTextual() ? StringFunctions.text(String.valueOf(collection.textValue().charAt(index))) : collection.get(index);
    }

    private static JsonNode take(Arguments a) {
        int count = Math.min(a.size(1), size(a.value(0)));
        return a.value(0).isTextual() ? StringFunctions.text(a.text(0).substring(0, count)) : slice(a.array(0), 0, count);
    }

    private static ArrayNode slice(ArrayNode array, int from, int to) {
        ArrayNode slice = JsonNodeFactory.instance.arrayNode(to - from);
        for (int i = from; i < to; i++) {
            slice.add(array.get(i));
        }
        return slice;
    }

    private static void refuseMixed(Arguments a) {
        for (int i = 1; i < a.count(); i++) {
            if (a.value(i).isArray() != a.value(0).isArray()) {
                throw a.failure(i, "takes arrays or objects, not both");
            }
        }
    }

    private static JsonNode intersection(Arguments a) {
        refuseMixed(a);
        if (a.value(0).isArray()) {
            ArrayNode common = JsonNodeFactory.instance.arrayNode();
            for (JsonNode item : a.array(0)) {
                if (a.values().allMatch(other -> holds((ArrayNode) other, item)) && !holds(common, item)) {
                    common.add(item);
                }
            }
            return common;
        }
        ObjectNode common = JsonNodeFactory.instance.objectNode();
        a.object(0).fieldNames().forEachRemaining(name -> {
            if (a.values().allMatch(other -> other.has(name))) {
                common.set(name, a.object(a.count() - 1).get(name));
            }
        });
        return common;
    }

    private static JsonNode union(Arguments a) {
        refuseMixed(a);
        if (a.value(0).isArray()) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            a.values().forEach(array -> array.forEach(item -> {
                if (!holds(all, item)) {
                    all.add(item);
                }
            }));
            return a.bounded(all);
        }
        ObjectNode all = JsonNodeFactory.instance.objectNode();
        a.values().forEach(object -> all.setAll((ObjectNode) object));
        return a.bounded(all);
    }
}
