package io.conshelf.streams.expression;

import static io.conshelf.streams.expression.Parameter.BIGINT;
import static io.conshelf.streams.expression.Parameter.FLOAT;
import static io.conshelf.streams.expression.Parameter.NUMBER;

import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// Mathematical functions. Where the documentation says that the type is kept, a bigint stays one.
final class MathFunctions {
    /// A double has no more decimals to round.
    private static final int DECIMALS_MAX = 15;
    private static final int BIGINT_DIGITS_MAX = 18;

    static final List<Function> ALL = List.of(
            Function.of("ABS", NUMBER, number -> number instanceof BigInt(long whole)
                    ? Value.of(Arithmetic.exact(() -> Math.absExact(whole))) : Value.of(Math.abs(floating(number)))),
            Function.of("CEILING", NUMBER, number -> kept(number, Math::ceil)),
            Function.of("FLOOR", NUMBER, number -> kept(number, Math::floor)),
            Function.of("SIGN", NUMBER, number -> number instanceof BigInt(long whole)
                    ? Value.of(Long.signum(whole)) : Value.of(Math.signum(floating(number)))),
            Function.of("SQUARE", FLOAT, number -> Value.of(floating(number) * floating(number))),
            Function.of("SQRT", FLOAT, number -> {
                if (floating(number) < 0) {
                    throw new ValueFault("The 1st argument of function sqrt must not be negative.");
                }
                return Value.of(Math.sqrt(floating(number)));
            }),
            Function.of("EXP", FLOAT, number -> Value.of(Math.exp(floating(number)))),
            Function.of("POWER", NUMBER, NUMBER, MathFunctions::power),
            Function.of("ROUND", NUMBER, BIGINT, (number, length) -> round(number, ((BigInt) length).value())));

    private MathFunctions() {}

    private static double floating(Value number) {
        return ((FloatingPoint) number).value();
    }

    private static Value kept(Value number, DoubleUnaryOperator operator) {
        return number instanceof FloatingPoint(double floating) ? Value.of(operator.applyAsDouble(floating)) : number;
    }

    private static Value power(Value base, Value exponent) {
        double by = exponent instanceof BigInt(long whole) ? whole : floating(exponent);
        if (base instanceof FloatingPoint(double floating)) {
            return Value.of(Math.pow(floating, by));
        }
        long of = ((BigInt) base).value();
        if (exponent instanceof BigInt(long whole) && whole >= 0) {
            return Value.of(wholePower(of, whole));
        }
        return Conversions.whole(Math.pow(of, by)).orElseThrow(Arithmetic::overflow);
    }

    private static long wholePower(long base, long exponent) {
        if (base == 0 || base == 1 || base == -1) {
            return exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
        }
        long result = 1;
        // Every other base overflows before 63 turns.
        for (long i = 0; i < exponent; i++) {
            long before = result;
            result = Arithmetic.exact(() -> Math.multiplyExact(before, base));
        }
        return result;
    }

    /// Halves go away from zero.
    private static Value round(Value number, long length) {
        if (number instanceof FloatingPoint(double floating)) {
            return Value.of(round(floating, length));
        }
        long whole = ((BigInt) number).value();
        if (length >= 0) {
            return number;
        }
        if (length < -BIGINT_DIGITS_MAX) {
            return Value.of(0);
        }
        long power = powerOfTen(-length);
        long rest = whole % power;
        long down = whole - rest;
        return Value.of(Math.abs(rest) * 2 < power ? down : Arithmetic.exact(() -> Math.addExact(down, Long.signum(whole) * power)));
    }

    private static double round(double number, long length) {
        if (length > DECIMALS_MAX || Double.isNaN(number) || Double.isInfinite(number)) {
            return number;
        }
        if (length >= 0) {
            double power = powerOfTen(length);
            double scaled = Math.abs(number) * power;
            // Beyond 2^52 a double has no fraction.
            return scaled >= 0x1p52 ? number : Math.copySign(halfUp(scaled) / power, number);
        }
        double power = Math.pow(10, Math.min(400, -length));
        return Double.isInfinite(power) ? 0 : Math.copySign(halfUp(Math.abs(number) / power) * power, number);
    }

    private static double halfUp(double positive) {
        double floor = Math.floor(positive);
        return positive - floor >= 0.5 ? floor + 1 : floor;
    }

    private static long powerOfTen(long exponent) {
        long power = 1;
        for (long i = 0; i < exponent; i++) {
            power *= 10;
        }
        return power;
    }
}
