package io.conshelf.streams.expression;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import io.conshelf.streams.value.ValueOrder;
import java.util.Optional;

/// How the operators of conditions compare. Nothing is equal to, less than or greater than NULL, nor unequal to it.
///
/// A text beside a number, a time or a bit is compared as one where it can be read as one. Where it cannot, and where the types have nothing in common, the
/// values are not equal; asking which is greater ends the job.
final class Comparison {
    /// Whether `Start` equals `start`. The documentation's examples need it so; grouping and joining keep the case.
    enum Texts { IGNORE_CASE, KEEP_CASE }

    static final Texts TEXTS = Texts.IGNORE_CASE;

    private Comparison() {}

    static boolean areEqual(Value left, Value right) {
        if (left instanceof Text(String a) && right instanceof Text(String b)) {
            return areEqual(a, b);
        }
        if (left instanceof BigInt(long a) && right instanceof BigInt(long b)) {
            return a == b;
        }
        if (left instanceof Null || right instanceof Null) {
            return false;
        }
        if (left instanceof Record || left instanceof Array || right instanceof Record || right instanceof Array) {
            return left.equals(right);
        }
        return converted(left, right).filter(pair -> order(pair.left, pair.right) == 0).isPresent();
    }

    static boolean areEqual(String left, String right) {
        return left.equals(right) || TEXTS == Texts.IGNORE_CASE && left.equalsIgnoreCase(right);
    }

    /// Neither may be NULL.
    static int compare(Value left, Value right) {
        if (left instanceof BigInt(long a) && right instanceof BigInt(long b)) {
            return Long.compare(a, b);
        }
        if (left instanceof FloatingPoint(double a)) {
            if (right instanceof FloatingPoint(double b)) {
                return ValueOrder.compare(a, b);
            }
            if (right instanceof BigInt(long b)) {
                return -ValueOrder.compare(b, a);
            }
        }
        Pair pair = converted(left, right).orElseThrow(() -> new ValueFault("Values of type '" + left.typeName() + "' and '" + right.typeName()
                + "' cannot be compared. TRY_CAST function can be used to handle values with unexpected type."));
        return order(pair.left, pair.right);
    }

    private record Pair(Value left, Value right) {}

    /// Both in a type that has an order.
    private static Optional<Pair> converted(Value left, Value right) {
        if (isNumber(left) && isNumber(right) || left instanceof Text && right instanceof Text || left instanceof DateTime && right instanceof DateTime) {
            return Optional.of(new Pair(left, right));
        }
        if (left instanceof DateTime || right instanceof DateTime) {
            return pair(Conversions.datetime(left), Conversions.datetime(right));
        }
        if (left instanceof Bit || right instanceof Bit) {
            // A number beside a bit is compared as a number: 2 is not true.
            return left instanceof Text || right instanceof Text ? pair(Conversions.bit(left), Conversions.bit(right))
                    : pair(Parameter.NUMBER.taken(left), Parameter.NUMBER.taken(right));
        }
        return pair(Parameter.NUMBER.taken(left), Parameter.NUMBER.taken(right));
    }

    private static boolean isNumber(Value value) {
        return value instanceof BigInt || value instanceof FloatingPoint;
    }

    private static Optional<Pair> pair(Optional<Value> left, Optional<Value> right) {
        return left.isPresent() && right.isPresent() ? Optional.of(new Pair(left.get(), right.get())) : Optional.empty();
    }

    private static int order(Value left, Value right) {
        return TEXTS == Texts.IGNORE_CASE && left instanceof Text(String a) && right instanceof Text(String b)
                ? a.compareToIgnoreCase(b) : ValueOrder.ASCENDING.compare(left, right);
    }
}
