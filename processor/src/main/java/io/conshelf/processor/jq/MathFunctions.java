package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Functions of numbers. Those that round give whole numbers.
final class MathFunctions {
    private static final Map<String, DoubleUnaryOperator> OF_ONE = Map.ofEntries(
            Map.entry("sqrt", Math::sqrt), Map.entry("cbrt", Math::cbrt), Map.entry("exp", Math::exp), Map.entry("expm1", Math::expm1),
            Map.entry("exp2", x -> Math.pow(2, x)), Map.entry("exp10", x -> Math.pow(10, x)), Map.entry("pow10", x -> Math.pow(10, x)),
            Map.entry("log", Math::log), Map.entry("log1p", Math::log1p), Map.entry("log10", Math::log10), Map.entry("log2", MathFunctions::log2),
            Map.entry("sin", Math::sin), Map.entry("cos", Math::cos), Map.entry("tan", Math::tan), Map.entry("asin", Math::asin),
            Map.entry("acos", Math::acos), Map.entry("atan", Math::atan), Map.entry("sinh", Math::sinh), Map.entry("cosh", Math::cosh),
            Map.entry("tanh", Math::tanh), Map.entry("asinh", x -> Double.isInfinite(x) ? x : Math.copySign(Math.log(Math.abs(x) + Math.sqrt(x * x + 1)), x)),
            Map.entry("acosh", x -> Math.log(x + Math.sqrt(x * x - 1))), Map.entry("atanh", x -> 0.5 * Math.log((1 + x) / (1 - x))),
            Map.entry("logb", x -> x == 0 ? Double.NEGATIVE_INFINITY : Math.getExponent(x)),
            Map.entry("significand", x -> x == 0 || !Double.isFinite(x) ? x : Math.scalb(x, -Math.getExponent(x))));
    private static final Map<String, DoubleUnaryOperator> ROUNDING = Map.of("floor", Math::floor, "ceil", Math::ceil, "round", MathFunctions::round,
            "trunc", MathFunctions::trunc, "rint", Math::rint, "nearbyint", Math::rint);
    private static final Map<String, DoubleBinaryOperator> OF_TWO = Map.ofEntries(
            Map.entry("pow", Math::pow), Map.entry("atan2", Math::atan2), Map.entry("fmin", Math::min), Map.entry("fmax", Math::max),
            Map.entry("fmod", (x, y) -> x % y), Map.entry("hypot", Math::hypot), Map.entry("copysign", Math::copySign),
            Map.entry("nextafter", Math::nextAfter), Map.entry("nexttoward", Math::nextAfter), Map.entry("fdim", (x, y) -> Math.max(x - y, 0)),
            Map.entry("drem", Math::IEEEremainder), Map.entry("ldexp", MathFunctions::scale), Map.entry("scalb", MathFunctions::scale),
            Map.entry("scalbln", MathFunctions::scale));

    static final List<Declared> ALL = all();

    private MathFunctions() {}

    private static List<Declared> all() {
        List<Declared> all = new ArrayList<>();
        OF_ONE.forEach((name, function) -> all.add(values(name, 0, (_, input, _) -> Numbers.whole(function.applyAsDouble(number(input, name))))));
        ROUNDING.forEach((name, function) -> all.add(values(name, 0, (_, input, _) ->
                input instanceof Value.Whole || input instanceof Value.Large ? input : Numbers.whole(function.applyAsDouble(number(input, name))))));
        OF_TWO.forEach((name, function) -> all.add(values(name, 2, (_, _, given) ->
                Numbers.whole(function.applyAsDouble(number(given.get(0), name), number(given.get(1), name))))));
        all.add(values("fma", 3, (_, _, given) -> Numbers.whole(Math.fma(number(given.get(0), "fma"), number(given.get(1), "fma"), number(given.get(2), "fma")))));
        all.add(values("fabs", 0, (_, input, _) -> number(input, "fabs") < 0 ? Numbers.negate(input) : input));
        all.add(values("nan", 0, (_, _, _) -> new Value.Real(Double.NaN)));
        all.add(values("infinite", 0, (_, _, _) -> new Value.Real(Double.POSITIVE_INFINITY)));
        all.add(values("isnan", 0, (_, input, _) -> Value.of(!(input instanceof Value.Null) && Double.isNaN(number(input, "isnan")))));
        all.add(values("isinfinite", 0, (_, input, _) -> Value.of(Numbers.isNumber(input) && Double.isInfinite(Numbers.real(input)))));
        all.add(values("isnormal", 0, (_, input, _) -> {
            double value = Numbers.isNumber(input) ? Numbers.real(input) : 0;
            return Value.of(Double.isFinite(value) && Math.abs(value) >= Double.MIN_NORMAL);
        }));
        all.add(values("gamma", 0, (_, input, _) -> Numbers.whole(Gamma.logarithm(number(input, "gamma")))));
        all.add(values("lgamma", 0, (_, input, _) -> Numbers.whole(Gamma.logarithm(number(input, "lgamma")))));
        all.add(values("tgamma", 0, (_, input, _) -> Numbers.whole(Gamma.of(number(input, "tgamma")))));
        all.add(values("lgamma_r", 0, (_, input, _) -> {
            double value = number(input, "lgamma_r");
            return new Value.Items(List.of(Numbers.whole(Gamma.logarithm(value)), Value.of(Gamma.of(value) < 0 ? -1L : 1L)));
        }));
        all.add(values("isvalid", 0, (_, _, _) -> Value.TRUE));
        all.add(values("frexp", 0, (_, input, _) -> {
            double value = number(input, "frexp");
            int exponent = value == 0 || !Double.isFinite(value) ? 0 : Math.getExponent(value) + 1;
            return new Value.Items(List.of(Numbers.whole(Math.scalb(value, -exponent)), Value.of((long) exponent)));
        }));
        all.add(values("modf", 0, (_, input, _) -> {
            double value = number(input, "modf");
            double whole = trunc(value);
            return new Value.Items(List.of(Numbers.whole(Double.isInfinite(value) ? 0 : value - whole), Numbers.whole(whole)));
        }));
        return List.copyOf(all);
    }

    private static double number(Value value, String function) {
        if (!Numbers.isNumber(value)) {
            throw new JqException(JqException.shown(value) + " number required by " + function);
        }
        return Numbers.real(value);
    }

    private static double log2(double x) {
        double exact = Math.getExponent(x);
        return x == Math.scalb(1.0, (int) exact) ? exact : Math.log(x) / Math.log(2);
    }

    /// Halves away from zero.
    private static double round(double x) {
        double nearest = Math.floor(Math.abs(x) + 0.5);
        return Math.abs(x) >= 1L << 52 ? x : Math.copySign(nearest, x);
    }

    private static double trunc(double x) {
        return x < 0 ? Math.ceil(x) : Math.floor(x);
    }

    private static double scale(double x, double exponent) {
        return x * Math.pow(2, exponent);
    }
}
