package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The arguments of one call, evaluated when asked for and checked against the declaration.
public final class Arguments {
    private final Function function;
    private final Expression.Call call;
    private final Evaluator evaluator;
    private final JsonNode[] values;

    Arguments(Function function, Expression.Call call, Evaluator evaluator) {
        this.function = function;
        this.call = call;
        this.evaluator = evaluator;
        this.values = new JsonNode[call.arguments().size()];
    }

    int count() {
        return values.length;
    }

    boolean has(int index) {
        return index < values.length;
    }

    Scope scope() {
        return evaluator.scope();
    }

    JsonNode value(int index) {
        if (values[index] == null) {
            JsonNode value = evaluator.evaluate(call.arguments().get(index));
            Function.Parameter parameter = function.parameter(index);
            if (!parameter.kinds().contains(Function.Kind.of(value))) {
                throw failure(index, "expects " + parameter.name() + " to be " + describe(parameter.kinds()) + ", found " + describe(value));
            }
            values[index] = value;
        }
        return values[index];
    }

    Stream<JsonNode> values() {
        return IntStream.range(0, count()).mapToObj(this::value);
    }

    String text(int index) {
        return value(index).textValue();
    }

    boolean flag(int index) {
        return value(index).booleanValue();
    }

    ArrayNode array(int index) {
        return (ArrayNode) value(index);
    }

    ObjectNode object(int index) {
        return (ObjectNode) value(index);
    }

    long integer(int index) {
        JsonNode value = value(index);
        if (!value.canConvertToLong() || !value.canConvertToExactIntegral()) {
            throw failure(index, "expects " + function.parameter(index).name() + " to be an integer, found " + describe(value));
        }
        return value.longValue();
    }

    /// An integer that is used as a length or an index.
    int size(int index) {
        long value = integer(index);
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw failure(index, "expects " + function.parameter(index).name() + " to be zero or more, found " + value);
        }
        return (int) value;
    }

    /// A value that was put together of others, if it is not too large.
    JsonNode bounded(JsonNode value) {
        ValueBound.complaint(value).ifPresent(complaint -> {
            throw failure(complaint);
        });
        return value;
    }

    ExpressionException failure(String message) {
        return new ExpressionException(call.at(), "'" + function.name() + "' " + message);
    }

    ExpressionException failure(int index, String message) {
        return new ExpressionException(call.arguments().get(index).at(), "'" + function.name() + "' " + message);
    }

    private static String describe(Set<Function.Kind> kinds) {
        return kinds.stream().map(Function.Kind::title).collect(Collectors.joining(" or "));
    }

    static String describe(JsonNode value) {
        String text = value.toString();
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        Function.Kind kind = Function.Kind.of(value);
        return kind == Function.Kind.NULL ? "null" : kind.title() + " " + shown;
    }
}
