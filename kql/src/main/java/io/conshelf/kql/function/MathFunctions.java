package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;

/// Numbers: rounding, powers, angles, bits.
final class MathFunctions {
    private static final Expr RANDOM =
            new Expr.Call("rand", new Lowering.Intrinsic(Lowering.IntrinsicFunction.RAND), List.of(), REAL);

    /// Ends that may lie beyond a long.
    private static final String AROUND = "{0} BETWEEN CAST({1} AS HUGEINT) - {2} AND CAST({1} AS HUGEINT) + {2}";

    /// From here on a real has no digits after the point.
    private static final double INTEGERS_END = 1L << 53;

    /// No number has more digits before its point or behind it.
    private static final int DIGITS_MAX = 400;

    static final List<ScalarFunction> ALL = List.of(
            scalar("abs", FIRST_ARGUMENT, "The number without its sign.",
                    takes(integer("number")).returns(LONG).sql(ArithmeticOperators.wrapped("abs(CAST({0} AS HUGEINT))")),
                    takes(number("number")).returnsArgument(0).sql("abs({0})"),
                    takes(timespan("number")).returns(TIMESPAN).sql("TRY_CAST(abs(CAST({0} AS HUGEINT)) AS BIGINT)")),
            scalar("sign", NONE, "-1, 0 or 1 as the number is negative, zero or positive.",
                    takes(numberAsReal("number")).returns(REAL).sql("CAST(sign({0}) AS DOUBLE)")),
            scalar("round", FIRST_ARGUMENT, "The number rounded to so many digits after the point, halves away from zero.",
                    takes(oneOf("number", INT, LONG)).returnsArgument(0).rewrite(List::getFirst),
                    takes(oneOf("number", INT), integer("precision").asConstant()).returns(INT)
                            .rewrite(args -> rounded("TRY_CAST(round(CAST({0} AS BIGINT), CAST(greatest(least({1}, 0), -" + DIGITS_MAX + ") AS INTEGER)) AS INTEGER)", args)),
                    takes(oneOf("number", LONG), integer("precision").asConstant()).returns(LONG)
                            .rewrite(args -> rounded("TRY_CAST(round(CAST({0} AS HUGEINT), CAST(greatest(least({1}, 0), -" + DIGITS_MAX + ") AS INTEGER)) AS BIGINT)", args)),
                    takes(oneOf("number", REAL, DECIMAL)).returnsArgument(0).rewrite(args -> rounded("round", args.getFirst())),
                    takes(oneOf("number", REAL), integer("precision").asConstant()).returns(REAL)
                            .rewrite(args -> rounded(realRounding(args.getLast()), args)),
                    takes(oneOf("number", DECIMAL), integer("precision").asConstant()).returns(DECIMAL)
                            .rewrite(args -> rounded("CAST(round({0}, CAST(greatest(least({1}, " + DIGITS_MAX + "), -" + DIGITS_MAX + ") AS INTEGER)) AS DECIMAL(38,17))", args))),
            scalar("ceiling", FIRST_ARGUMENT, "The least integer that is not less.",
                    takes(oneOf("number", INT, LONG)).returnsArgument(0).rewrite(List::getFirst),
                    takes(oneOf("number", REAL, DECIMAL)).returnsArgument(0).rewrite(args -> rounded("ceil", args.getFirst()))),
            scalar("sqrt", FIRST_ARGUMENT, "The square root; NaN of a negative number.",
                    takes(numberAsReal("number")).returns(REAL).sql("sqrt({0})")),
            scalar("pow", NONE, "The first number to the power of the second.",
                    takes(numberAsReal("base"), numberAsReal("exponent")).returns(REAL).sql("pow({0}, {1})")),
            scalar("exp", FIRST_ARGUMENT, "e to the power of the number.",
                    takes(numberAsReal("number")).returns(REAL).sql("exp({0})")),
            scalar("exp2", FIRST_ARGUMENT, "2 to the power of the number.",
                    takes(numberAsReal("number")).returns(REAL).sql("pow(2, {0})")),
            scalar("exp10", NONE, "10 to the power of the number.",
                    takes(numberAsReal("number")).returns(REAL).sql("pow(10, {0})")),
            // The logarithm of a negative number is null, unlike its square root: both on record.
            logarithm("log", "The natural logarithm.", "ln"),
            logarithm("log10", "The logarithm to base 10.", "log10"),
            logarithm("log2", "The logarithm to base 2.", "log2"),
            scalar("gamma", FIRST_ARGUMENT, "The gamma function.",
                    takes(numberAsReal("number")).returns(REAL).sql("gamma({0})")),
            scalar("loggamma", FIRST_ARGUMENT, "The logarithm of the gamma function.",
                    takes(numberAsReal("number")).returns(REAL).sql("lgamma({0})")),
            angle("sin", FIRST_ARGUMENT),
            angle("cos", FIRST_ARGUMENT),
            angle("tan", FIRST_ARGUMENT),
            angle("cot", NONE),
            ofUnit("asin", "The angle with this sine; null beyond -1 and 1."),
            ofUnit("acos", "The angle with this cosine; null beyond -1 and 1."),
            scalar("atan", FIRST_ARGUMENT, "The angle with this tangent.",
                    takes(numberAsReal("number")).returns(REAL).sql("atan({0})")),
            scalar("atan2", FIRST_ARGUMENT, "The angle of the ray to the point (x, y).",
                    takes(numberAsReal("y"), numberAsReal("x")).returns(REAL).sql("atan2({0}, {1})")),
            scalar("degrees", NONE, "An angle of radians in degrees.",
                    takes(numberAsReal("number")).returns(REAL).sql("degrees({0})")),
            scalar("radians", NONE, "An angle of degrees in radians.",
                    takes(numberAsReal("number")).returns(REAL).sql("radians({0})")),
            scalar("pi", NONE, "The circle's circumference by its diameter.",
                    takes().returns(REAL).rewrite(_ -> new Expr.Constant(REAL, Math.PI))),
            scalar("isnan", NONE, "True where the number is NaN.",
                    takes(numberAsReal("number")).returns(BOOL).sql("isnan({0})")),
            scalar("isinf", NONE, "True where the number is infinite.",
                    takes(numberAsReal("number")).returns(BOOL).sql("isinf({0})")),
            scalar("isfinite", NONE, "True where the number is neither NaN nor infinite.",
                    takes(numberAsReal("number")).returns(BOOL).sql("isfinite({0})")),
            scalar("rand", FIRST_ARGUMENT, "A random number from 0 to 1, or an integer below a limit.",
                    takes().returns(REAL).intrinsic(Lowering.IntrinsicFunction.RAND),
                    takes(integer("number")).returns(REAL)
                            .rewrite(args -> call("rand", "floor({0} * {1})", REAL, RANDOM, args.getFirst()))),
            bin("bin"),
            bin("floor"),
            scalar("bin_at", FIRST_ARGUMENT, "The value rounded down to a multiple of a size, counted from a fixed point.",
                    takes(integer("value"), integer("bin_size"), integer("fixed_point")).returns(LONG)
                            .rewrite(args -> binAt(LONG, args)),
                    takes(widest("value"), widest("bin_size"), widest("fixed_point")).returnsArgument(0)
                            .rewrite(args -> {
                                Type type = args.getFirst().type();
                                // DuckDB divides decimals as doubles.
                                String size = "(" + positive(args.get(1)) + ")";
                                String sql = type == DECIMAL ? ArithmeticOperators.ofDecimals("{0} - (({0} - {2}) % " + size + " + {1}) % {1}")
                                        : "floor(({0} - {2}) / " + size + ") * {1} + {2}";
                                return call("bin_at", sql, type, args.toArray(Expr[]::new));
                            }),
                    takes(datetime("value"), timespan("bin_size"), datetime("fixed_point")).returns(DATETIME)
                            .rewrite(args -> binAt(DATETIME, args)),
                    takes(datetime("value"), oneOf("bin_size", INT, LONG, REAL, DECIMAL, DATETIME).as(LONG), datetime("fixed_point")).returns(DATETIME)
                            .rewrite(args -> binAt(DATETIME, args)),
                    takes(timespan("value"), timespan("bin_size"), timespan("fixed_point")).returns(TIMESPAN)
                            .rewrite(args -> binAt(TIMESPAN, args)),
                    takes(timespan("value"), number("bin_size").as(LONG), timespan("fixed_point")).returns(TIMESPAN)
                            .rewrite(args -> binAt(TIMESPAN, args))),
            scalar("around", NONE, "True where the value is not further from the center than delta.",
                    takes(integer("value"), integer("center"), integer("delta")).returns(BOOL).sql(AROUND),
                    takes(widest("value"), widest("center"), widest("delta")).returns(BOOL)
                            .sql("{0} BETWEEN {1} - {2} AND {1} + {2}"),
                    takes(datetime("value"), datetime("center"), timespan("delta")).returns(BOOL).sql(AROUND),
                    takes(timespan("value"), timespan("center"), timespan("delta")).returns(BOOL).sql(AROUND)),
            bits("binary_and", "Bits that are set in both.", "{0} & {1}"),
            bits("binary_or", "Bits that are set in one.", "{0} | {1}"),
            bits("binary_xor", "Bits that are set in exactly one.", "xor({0}, {1})"),
            // Like .NET, Kusto takes the shift modulo 64; a negative one gives null.
            bits("binary_shift_left", "The bits moved to the left.", "kql_shift_left({0}, {1})"),
            bits("binary_shift_right", "The bits moved to the right, keeping the sign.", "kql_shift_right({0}, {1})"),
            scalar("binary_not", FIRST_ARGUMENT, "The bits inverted.",
                    takes(integer("value")).returns(LONG).sql("~{0}")),
            scalar("bitset_count_ones", FIRST_ARGUMENT, "The number of bits that are set.",
                    takes(integer("value")).returns(LONG).sql("CAST(bit_count({0}) AS BIGINT)")));

    private MathFunctions() {}

    private static ScalarFunction logarithm(String name, String summary, String function) {
        return scalar(name, FIRST_ARGUMENT, summary,
                takes(numberAsReal("number")).returns(REAL).sql("CASE WHEN {0} >= 0 THEN " + function + "({0}) END"));
    }

    private static ScalarFunction angle(String name, ResultName resultName) {
        return scalar(name, resultName, "The " + name + " of an angle in radians.",
                takes(numberAsReal("number")).returns(REAL).sql(name + "({0})"));
    }

    /// NaN is greater than every number to DuckDB, and stays NaN.
    private static ScalarFunction ofUnit(String name, String summary) {
        return scalar(name, FIRST_ARGUMENT, summary, takes(numberAsReal("number")).returns(REAL)
                .sql("CASE WHEN {0} BETWEEN -1 AND 1 OR isnan({0}) THEN " + name + "({0}) END"));
    }

    private static ScalarFunction bits(String name, String summary, String template) {
        return scalar(name, FIRST_ARGUMENT, summary,
                takes(integer("value1"), integer("value2")).returns(LONG).sql(template));
    }

    /// To a number of digits; to null digits it is null, which DuckDB refuses.
    private static Expr rounded(String sql, List<Expr> args) {
        Type type = args.getFirst().type();
        return args.getLast() instanceof Expr.Null ? new Expr.Null(type) : call("round", sql, type, args.toArray(Expr[]::new));
    }

    /// A real that has no digits where it would be cut is its own rounding; multiplied and divided again it could be another.
    private static String realRounding(Expr precision) {
        String sql = "round({0}, CAST(greatest(least({1}, " + DIGITS_MAX + "), -" + DIGITS_MAX + ") AS INTEGER))";
        if (!(precision instanceof Expr.Constant(_, Long digits))) {
            return sql;
        }
        double whole = INTEGERS_END / Math.pow(10, digits);
        return Double.isInfinite(whole) ? sql : "CASE WHEN abs({0}) < " + whole + "::DOUBLE THEN " + sql + " ELSE {0} END";
    }

    private static Expr rounded(String function, Expr number) {
        String sql = function + "({0})";
        return call(function, number.type() == DECIMAL ? "CAST(" + sql + " AS DECIMAL(38,17))" : sql, number.type(), number);
    }

    /// Rounding down to a multiple; a size that is not positive gives null.
    private static ScalarFunction bin(String name) {
        return scalar(name, FIRST_ARGUMENT, "The value rounded down to a multiple of a size.",
                takes(integer("value"), integer("roundTo")).returns(LONG).rewrite(args -> binInteger(LONG, args)),
                takes(widest("value"), widest("roundTo")).returnsArgument(0).rewrite(MathFunctions::binNumber),
                takes(datetime("value"), timespan("roundTo")).returns(DATETIME).rewrite(MathFunctions::binDateTime),
                takes(datetime("value"), datetime("roundTo")).returns(DATETIME).rewrite(MathFunctions::binDateTime),
                takes(timespan("value"), timespan("roundTo")).returns(TIMESPAN).rewrite(args -> binInteger(TIMESPAN, args)));
    }

    private static String positive(Expr size) {
        return size instanceof Expr.Constant(_, Number number) && number.doubleValue() > 0
                ? "{1}"
                : "CASE WHEN {1} > 0 THEN {1} END";
    }

    /// A datetime is never negative, so that cutting towards zero is rounding down.
    private static Expr binDateTime(List<Expr> args) {
        String size = positive(args.getLast());
        String sql = size.equals("{1}") ? Lowering.MULTIPLE : "{0} // (" + size + ") * {1}";
        return call("bin", sql, DATETIME, args.getFirst(), args.getLast());
    }

    /// Null where the multiple below is less than the least long.
    private static Expr binInteger(Type type, List<Expr> args) {
        Expr value = args.getFirst();
        String size = "(" + positive(args.getLast()) + ")";
        String plain = "{0} - ({0} % " + size + " + {1}) % {1}";
        String wide = "TRY_CAST({0} - (CAST({0} AS HUGEINT) % " + size + " + {1}) % {1} AS BIGINT)";
        String sql;
        if (!isModest(args.getLast())) {
            sql = wide;
        } else if (ArithmeticOperators.isSmall(value)) {
            sql = plain;
        } else if (ArithmeticOperators.isAtomic(value)) {
            sql = "try(" + plain + ")";
        } else {
            // A try would take what fails within the value for this, too.
            sql = "CASE WHEN {0} > " + (Long.MIN_VALUE + 1) + " + {1} THEN " + plain + " ELSE " + wide + " END";
        }
        return call("bin", sql, type, value, args.getLast());
    }

    /// A size that a remainder can be added to within a long.
    private static boolean isModest(Expr size) {
        return size instanceof Expr.Constant(_, Long number) && number <= Long.MAX_VALUE / 2;
    }

    private static Expr binNumber(List<Expr> args) {
        Type type = args.getFirst().type();
        String size = "(" + positive(args.getLast()) + ")";
        // DuckDB divides decimals as doubles.
        String sql = type == DECIMAL ? ArithmeticOperators.ofDecimals("{0} - ({0} % " + size + " + {1}) % {1}") : "floor({0} / " + size + ") * {1}";
        return call("bin", sql, type, args.getFirst(), args.getLast());
    }

    private static Expr binAt(Type type, List<Expr> args) {
        String size = "(" + positive(args.get(1)) + ")";
        String sql = "TRY_CAST({0} - ((CAST({0} AS HUGEINT) - {2}) % " + size + " + {1}) % {1} AS BIGINT)";
        return call("bin_at", type == DATETIME ? ArithmeticOperators.within(sql) : sql, type, args.toArray(Expr[]::new));
    }
}
