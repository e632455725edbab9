package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.conshelf.factory.expression.Function.Kind;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/// Truth and comparison.
final class LogicalFunctions {
    private static final Set<Kind> COMPARABLE = EnumSet.of(Kind.STRING, Kind.INTEGER, Kind.FLOAT);

    static final List<Function> ALL = List.of(
            function("and").takes("first", Kind.BOOLEAN).takesMany("second", EnumSet.of(Kind.BOOLEAN)).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(a.values().filter(JsonNode::booleanValue).count() == a.count())),
            function("or").takes("first", Kind.BOOLEAN).takesMany("second", EnumSet.of(Kind.BOOLEAN)).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(a.values().filter(JsonNode::booleanValue).count() > 0)),
            function("not").takes("value", Kind.BOOLEAN).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(!a.flag(0))),
            function("equals").takes("first", Kind.ANY).takes("second", Kind.ANY).gives(Kind.BOOLEAN)
                    .as(a -> BooleanNode.valueOf(same(a.value(0), a.value(1)))),
            comparison("greater", order -> order > 0),
            comparison("greaterOrEquals", order -> order >= 0),
            comparison("less", order -> order < 0),
            comparison("lessOrEquals", order -> order <= 0),
            // Only the chosen branch is evaluated: the other may read what does not exist.
            function("if").takes("condition", Kind.BOOLEAN).takes("whenTrue", Kind.ANY).takes("whenFalse", Kind.ANY)
                    .as(a -> a.value(a.flag(0) ? 1 : 2)));

    private LogicalFunctions() {}

    private static Function comparison(String name, IntPredicate accepts) {
        return function(name).takes("first", COMPARABLE).takes("second", COMPARABLE).gives(Kind.BOOLEAN)
                .as(a -> BooleanNode.valueOf(accepts.test(compare(a))));
    }

    private static int compare(Arguments a) {
        JsonNode left = a.value(0);
        JsonNode right = a.value(1);
        if (left.isTextual() && right.isTextual()) {
            return left.textValue().compareTo(right.textValue());
        }
        return number(a, 0).compareTo(number(a, 1));
    }

    // The articles print 'count' of a Lookup as a string and compare it with numbers: a string that is a number is compared as one.
    private static BigDecimal number(Arguments a, int index) {
        JsonNode value = a.value(index);
        try {
            return value.isTextual() ? new BigDecimal(value.textValue().strip()) : value.decimalValue();
        } catch (NumberFormatException notANumber) {
            throw a.failure(index, "compares two numbers or two strings, found " + Arguments.describe(value));
        }
    }

    /// Equality of values: numbers by value, `true` is 1 and `false` is 0 as documented, everything else by kind and content.
    static boolean same(JsonNode left, JsonNode right) {
        if (isNumeric(left) && isNumeric(right) && !(left.isBoolean() && right.isBoolean())) {
            return numeric(left).compareTo(numeric(right)) == 0;
        }
        if (left.isArray() && right.isArray() && left.size() == right.size()) {
            Iterator<JsonNode> others = right.iterator();
            for (JsonNode item : left) {
                if (!same(item, others.next())) {
                    return false;
                }
            }
            return true;
        }
        if (left.isObject() && right.isObject() && left.size() == right.size()) {
            for (Map.Entry<String, JsonNode> property : left.properties()) {
                JsonNode other = right.get(property.getKey());
                if (other == null || !same(property.getValue(), other)) {
                    return false;
                }
            }
            return true;
        }
        return left.equals(right);
    }

    private static boolean isNumeric(JsonNode value) {
        return value.isNumber() || value.isBoolean();
    }

    private static BigDecimal numeric(JsonNode value) {
        return value.isBoolean() ? (value.booleanValue() ? BigDecimal.ONE : BigDecimal.ZERO) : value.decimalValue();
    }
}
