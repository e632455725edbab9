package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.math.BigInteger;

/// Numbers: whole ones stay exact, as far as a budget goes.
final class Numbers {
    private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger GREATEST = BigInteger.valueOf(Long.MAX_VALUE);
    /// In bits; beyond that a whole number becomes a real.
    private static final int LARGE_MAX = 4_096;

    private Numbers() {}

    static boolean isNumber(Value value) {
        return value instanceof Value.Whole || value instanceof Value.Large || value instanceof Value.Real;
    }

    static double real(Value number) {
        return switch (number) {
            case Value.Whole(long value) -> value;
            case Value.Large(BigInteger value) -> value.doubleValue();
            case Value.Real(double value) -> value;
            case Value.Null _, Value.Truth _, Value.Text _, Value.Binary _, Value.Items _, Value.Members _ ->
                throw new JqException(JqException.shown(number) + " number required");
        };
    }

    /// Cut to a whole number within the bounds of an int.
    static int index(Value number) {
        return switch (number) {
            case Value.Whole(long value) -> Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            default -> (int) Math.clamp(Math.floor(real(number)), Integer.MIN_VALUE, Integer.MAX_VALUE);
        };
    }

    private static BigInteger large(Value whole) {
        return whole instanceof Value.Whole(long value) ? BigInteger.valueOf(value) : ((Value.Large) whole).value();
    }

    private static boolean isWhole(Value value) {
        return value instanceof Value.Whole || value instanceof Value.Large;
    }

    static Value of(BigInteger whole) {
        if (whole.compareTo(LEAST) >= 0 && whole.compareTo(GREATEST) <= 0) {
            return new Value.Whole(whole.longValue());
        }
        return whole.bitLength() > LARGE_MAX ? new Value.Real(whole.doubleValue()) : new Value.Large(whole);
    }

    /// A real; one that is whole and exact becomes a whole number, so that `floor` and the like give such.
    static Value whole(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1L << 53 ? new Value.Whole((long) value) : new Value.Real(value);
    }

    static Value add(Value a, Value b) {
        if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y)) {
            long sum = x + y;
            return ((x ^ sum) & (y ^ sum)) < 0 ? of(BigInteger.valueOf(x).add(BigInteger.valueOf(y))) : new Value.Whole(sum);
        }
        return isWhole(a) && isWhole(b) ? of(large(a).add(large(b))) : new Value.Real(real(a) + real(b));
    }

    static Value subtract(Value a, Value b) {
        if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y)) {
            long difference = x - y;
            return ((x ^ y) & (x ^ difference)) < 0 ? of(BigInteger.valueOf(x).subtract(BigInteger.valueOf(y))) : new Value.Whole(difference);
        }
        return isWhole(a) && isWhole(b) ? of(large(a).subtract(large(b))) : new Value.Real(real(a) - real(b));
    }

    static Value multiply(Value a, Value b) {
        if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y)) {
            long high = Math.multiplyHigh(x, y);
            long low = x * y;
            return high == 0 && low >= 0 || high == -1 && low < 0 ? new Value.Whole(low) : of(BigInteger.valueOf(x).multiply(BigInteger.valueOf(y)));
        }
        return isWhole(a) && isWhole(b) ? of(large(a).multiply(large(b))) : new Value.Real(real(a) * real(b));
    }

    static Value divide(Value a, Value b) {
        if (real(b) == 0) {
            throw new JqException(JqException.shown(a) + " and " + JqException.shown(b) + " cannot be divided because the divisor is zero");
        }
        if (a instanceof Value.Whole(long x) && b instanceof Value.Whole(long y) && x != Long.MIN_VALUE) {
            return x % y == 0 ? new Value.Whole(x / y) : new Value.Real((double) x / y);
        }
        if (isWhole(a) && isWhole(b)) {
            BigInteger[] parts = large(a).divideAndRemainder(large(b));
            if (parts[1].signum() == 0) {
                return of(parts[0]);
            }
        }
        return new Value.Real(real(a) / real(b));
    }

    static Value remainder(Value a, Value b) {
        if (Double.isNaN(real(a)) || Double.isNaN(real(b))) {
            return new Value.Real(Double.NaN);
        }
        BigInteger divisor = cut(b);
        if (divisor.signum() == 0) {
            throw new JqException(JqException.shown(a) + " and " + JqException.shown(b) + " cannot be divided (remainder) because the divisor is zero");
        }
        return of(cut(a).remainder(divisor.abs()));
    }

    private static BigInteger cut(Value number) {
        return isWhole(number) ? large(number) : BigInteger.valueOf((long) real(number));
    }

    static Value negate(Value a) {
        return switch (a) {
            case Value.Whole(long value) when value != Long.MIN_VALUE -> new Value.Whole(-value);
            case Value.Real(double value) -> new Value.Real(-value);
            default -> {
                if (!isWhole(a)) {
                    throw new JqException(JqException.shown(a) + " cannot be negated");
                }
                yield of(large(a).negate());
            }
        };
    }
}
