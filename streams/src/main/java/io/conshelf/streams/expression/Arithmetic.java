package io.conshelf.streams.expression;

import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.function.LongSupplier;

/// Operators on numbers, and `+` on texts. Two bigints give a bigint, dividing cuts off; with a float the result is a float. What a bigint cannot hold ends
/// the job, as dividing a bigint by zero does; a float becomes infinite. NULL gives NULL.
final class Arithmetic {
    private Arithmetic() {}

    static ValueFault overflow() {
        return new ValueFault("Arithmetic operation resulted in an overflow.");
    }

    static long exact(LongSupplier computed) {
        try {
            return computed.getAsLong();
        } catch (ArithmeticException beyondLong) {
            throw overflow();
        }
    }

    static Value add(Value left, Value right) {
        if (left instanceof BigInt(long a) && right instanceof BigInt(long b)) {
            long sum = a + b;
            if (((a ^ sum) & (b ^ sum)) < 0) {
                throw overflow();
            }
            return Value.of(sum);
        }
        if (left instanceof FloatingPoint(double a) && right instanceof FloatingPoint(double b)) {
            return Value.of(a + b);
        }
        if (left instanceof Text(String a) && right instanceof Text(String b)) {
            return Value.of(a.concat(b));
        }
        return computed(BinaryOperator.ADD, left, right);
    }

    static Value computed(BinaryOperator operator, Value left, Value right) {
        if (left instanceof Null || right instanceof Null) {
            return Null.NULL;
        }
        Value a = number(operator, left, left, right);
        Value b = number(operator, right, left, right);
        return a instanceof BigInt(long x) && b instanceof BigInt(long y) ? whole(operator, x, y) : floating(operator, toDouble(a), toDouble(b));
    }

    private static Value whole(BinaryOperator operator, long a, long b) {
        try {
            return Value.of(switch (operator) {
                case ADD -> Math.addExact(a, b);
                case SUBTRACT -> Math.subtractExact(a, b);
                case MULTIPLY -> Math.multiplyExact(a, b);
                case DIVIDE -> Math.divideExact(a, notZero(b));
                case REMAINDER -> a % notZero(b);
                case BIT_AND, BIT_OR, BIT_XOR, EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR ->
                    throw new IllegalArgumentException(operator.name());
            });
        } catch (ArithmeticException beyondLong) {
            throw overflow();
        }
    }

    private static long notZero(long divisor) {
        if (divisor == 0) {
            throw new ValueFault("Attempted to divide by zero.");
        }
        return divisor;
    }

    private static Value floating(BinaryOperator operator, double a, double b) {
        return Value.of(switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            case REMAINDER -> a % b;
            case BIT_AND, BIT_OR, BIT_XOR, EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR ->
                throw new IllegalArgumentException(operator.name());
        });
    }

    static Value negated(Value value) {
        return switch (value) {
            case Null _ -> value;
            case BigInt(long number) -> Value.of(exact(() -> Math.negateExact(number)));
            case FloatingPoint(double number) -> Value.of(-number);
            case Text text -> Value.of(-toDouble(Conversions.floating(text).orElseThrow(() -> invalid("-", value))));
            case Bit(boolean bit) -> Value.of(bit ? -1 : 0);
            case DateTime _, Record _, Array _ -> throw invalid("-", value);
        };
    }

    static Value complement(Value value) {
        return switch (value) {
            case Null _ -> value;
            case Bit(boolean bit) -> Value.of(!bit);
            case BigInt(long number) -> Value.of(~number);
            case FloatingPoint _, Text _, DateTime _, Record _, Array _ ->
                Value.of(~Conversions.bigint(value).map(BigInt.class::cast).orElseThrow(() -> invalid("~", value)).value());
        };
    }

    /// Bit with bit is a bit, all else a bigint.
    static Value bits(BinaryOperator operator, Value left, Value right) {
        if (left instanceof Null || right instanceof Null) {
            return Null.NULL;
        }
        long a = bits(operator, left, left, right);
        long b = bits(operator, right, left, right);
        long result = switch (operator) {
            case BIT_AND -> a & b;
            case BIT_OR -> a | b;
            case BIT_XOR -> a ^ b;
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR ->
                throw new IllegalArgumentException(operator.name());
        };
        return left instanceof Bit && right instanceof Bit ? Value.of(result != 0) : Value.of(result);
    }

    private static long bits(BinaryOperator operator, Value value, Value left, Value right) {
        return Conversions.bigint(value).map(BigInt.class::cast).orElseThrow(() -> invalid(operator, left, right)).value();
    }

    private static Value number(BinaryOperator operator, Value value, Value left, Value right) {
        if (value instanceof BigInt || value instanceof FloatingPoint) {
            return value;
        }
        return Parameter.NUMBER.taken(value).orElseThrow(() -> invalid(operator, left, right));
    }

    private static double toDouble(Value number) {
        return number instanceof BigInt(long whole) ? whole : ((FloatingPoint) number).value();
    }

    private static ValueFault invalid(BinaryOperator operator, Value left, Value right) {
        return new ValueFault("Operator '" + operator.symbol() + "' cannot be applied to values of type '" + left.typeName() + "' and '"
                + right.typeName() + "'." + hint(left) + hint(right));
    }

    private static ValueFault invalid(String operator, Value value) {
        return new ValueFault("Operator '" + operator + "' cannot be applied to a value of type '" + value.typeName() + "'." + hint(value));
    }

    /// The text that is no number helps to find the event; it is cut, since it comes from outside.
    private static String hint(Value value) {
        return value instanceof Text(String text) ? " Found '" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'." : "";
    }
}
