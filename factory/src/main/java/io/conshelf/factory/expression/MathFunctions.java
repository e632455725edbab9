package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import io.conshelf.factory.expression.Function.Kind;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// Numbers: two integers give an integer, anything else a float.
final class MathFunctions {
    /// Bound of `range`: what a ForEach can walk.
    private static final long RANGE_MAX = 100_000;
    private static final Set<Kind> NUMBERS = EnumSet.of(Kind.INTEGER, Kind.FLOAT, Kind.ARRAY);
    private static final Comparator<JsonNode> BY_VALUE = Comparator.comparing(JsonNode::decimalValue);

    static final List<Function> ALL = List.of(
            arithmetic("add", Math::addExact, Double::sum),
            arithmetic("sub", Math::subtractExact, (left, right) -> left - right),
            arithmetic("mul", Math::multiplyExact, (left, right) -> left * right),
            arithmetic("div", Math::divideExact, (left, right) -> left / right),
            arithmetic("mod", (left, right) -> left % right, (left, right) -> left % right),
            function("max").takesMany("number", NUMBERS).gives(Kind.NUMBER).as(a -> numbers(a).max(BY_VALUE).orElseThrow(() -> noNumbers(a))),
            function("min").takesMany("number", NUMBERS).gives(Kind.NUMBER).as(a -> numbers(a).min(BY_VALUE).orElseThrow(() -> noNumbers(a))),
            function("rand").takes("min", Kind.INTEGER).takes("max", Kind.INTEGER).gives(Kind.INTEGER).as(MathFunctions::random),
            function("range").takes("start", Kind.INTEGER).takes("count", Kind.INTEGER).gives(Kind.ARRAY).as(MathFunctions::range));

    private MathFunctions() {}

    private static Function arithmetic(String name, LongBinaryOperator onIntegers, DoubleBinaryOperator onFloats) {
        return function(name).takes("first", Kind.NUMBER).takes("second", Kind.NUMBER).gives(Kind.NUMBER).as(a -> {
            JsonNode left = a.value(0);
            JsonNode right = a.value(1);
            if ((name.equals("div") || name.equals("mod")) && right.doubleValue() == 0) {
                throw a.failure(1, "cannot divide by zero");
            }
            if (left.isIntegralNumber() && right.isIntegralNumber()) {
                try {
                    return LongNode.valueOf(onIntegers.applyAsLong(left.longValue(), right.longValue()));
                } catch (ArithmeticException overflow) {
                    throw a.failure("gives a result of " + left + " and " + right + " that does not fit 64 bits");
                }
            }
            return DoubleNode.valueOf(onFloats.applyAsDouble(left.doubleValue(), right.doubleValue()));
        });
    }

    private static Stream<JsonNode> numbers(Arguments a) {
        return a.values().flatMap(value -> value.isArray() ? StreamSupport.stream(value.spliterator(), false) : Stream.of(value)).peek(value -> {
            if (!value.isNumber()) {
                throw a.failure("compares numbers, found " + Arguments.describe(value));
            }
        });
    }

    private static ExpressionException noNumbers(Arguments a) {
        return a.failure("needs at least one number");
    }

    private static JsonNode random(Arguments a) {
        if (a.integer(0) >= a.integer(1)) {
            throw a.failure("needs a minimum below the maximum, found " + a.integer(0) + " and " + a.integer(1));
        }
        return LongNode.valueOf(a.scope().random().nextLong(a.integer(0), a.integer(1)));
    }

    private static JsonNode range(Arguments a) {
        if (a.size(1) > RANGE_MAX) {
            throw a.failure(1, "gives at most " + RANGE_MAX + " numbers, found " + a.size(1));
        }
        ArrayNode numbers = JsonNodeFactory.instance.arrayNode();
        for (long i = 0; i < a.size(1); i++) {
            numbers.add(a.integer(0) + i);
        }
        return numbers;
    }

    /// A float as .NET prints it: the shortest digits that read back, with an exponent outside 1e-5 to 1e15.
    static String text(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -5 && exponent < 15) {
            return shortest.toPlainString();
        }
        String digits = shortest.unscaledValue().abs().toString();
        return (value < 0 ? "-" : "") + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + "E" + (exponent < 0 ? "-" : "+") + "%02d".formatted(Math.abs(exponent));
    }
}
