package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.util.ArrayList;
import java.util.List;

/// `+ - * / %` and the signs. Two integers give a long, which wraps around; a number and a dynamic compute with the
/// number's type; what leaves the range of datetime is null; dividing by an integer zero is null. All by recorded answers.
final class ArithmeticOperators {
    /// Of ticks by a real.
    private static final String REAL_REMAINDER = "TRY_CAST(floor(({0} % {1} + abs({1})) % {1}) AS BIGINT)";

    static final List<ScalarFunction> ALL = List.of(
            operator("+", "The sum.",
                    takes(integer("left"), integer("right")).returns(LONG).rewrite(args -> wrapping("+", args)),
                    takes(widest("left"), widest("right")).returnsArgument(0).rewrite(args -> wide("+", "add", args)),
                    takes(datetime("left"), timespan("right")).returns(DATETIME).rewrite(args -> moved("+", args)),
                    takes(timespan("left"), datetime("right")).returns(DATETIME).rewrite(args -> moved("+", args)),
                    takes(datetime("left"), datetime("right")).returns(DATETIME).rewrite(args -> moved("+", args)),
                    takes(timespan("left"), timespan("right")).returns(TIMESPAN).sql("TRY_CAST(CAST({0} AS HUGEINT) + {1} AS BIGINT)")),
            operator("-", "The difference.",
                    takes(integer("left"), integer("right")).returns(LONG).rewrite(args -> wrapping("-", args)),
                    takes(widest("left"), widest("right")).returnsArgument(0).rewrite(args -> wide("-", "subtract", args)),
                    takes(datetime("left"), datetime("right")).returns(TIMESPAN).sql("{0} - {1}"),
                    takes(datetime("left"), timespan("right")).returns(DATETIME).rewrite(args -> moved("-", args)),
                    takes(timespan("left"), datetime("right")).returns(DATETIME).sql(within("TRY_CAST(CAST({0} AS HUGEINT) - {1} AS BIGINT)")),
                    takes(timespan("left"), timespan("right")).returns(TIMESPAN).sql("TRY_CAST(CAST({0} AS HUGEINT) - {1} AS BIGINT)"),
                    // A sign in front of a value.
                    takes(integer("value")).returns(LONG).sql(wrapped("-CAST({0} AS HUGEINT)")),
                    takes(number("value")).returnsArgument(0).sql("-{0}"),
                    takes(timespan("value")).returns(TIMESPAN).sql("TRY_CAST(-CAST({0} AS HUGEINT) AS BIGINT)"),
                    takes(datetime("value")).returns(DATETIME).sql(within("-{0}")),
                    takes(dynamic("value")).returns(DYNAMIC).sql("kql_dynamic_negate({0})")),
            operator("*", "The product.",
                    takes(integer("left"), integer("right")).returns(LONG).rewrite(args -> wrapping("*", args)),
                    takes(widest("left"), widest("right")).returnsArgument(0).rewrite(ArithmeticOperators::product),
                    takes(timespan("left"), integer("right")).returns(TIMESPAN).sql("TRY_CAST(CAST({0} AS HUGEINT) * {1} AS BIGINT)"),
                    takes(integer("left"), timespan("right")).returns(TIMESPAN).sql("TRY_CAST(CAST({0} AS HUGEINT) * {1} AS BIGINT)"),
                    takes(timespan("left"), numberAsReal("right")).returns(TIMESPAN).sql("TRY_CAST({0} * {1} AS BIGINT)"),
                    takes(numberAsReal("left"), timespan("right")).returns(TIMESPAN).sql("TRY_CAST({0} * {1} AS BIGINT)"),
                    // The language service has these, and no page says what they are: the ticks compute.
                    takes(timespan("left"), timespan("right")).returns(TIMESPAN).sql("TRY_CAST(CAST({0} AS HUGEINT) * {1} AS BIGINT)"),
                    takes(datetime("left"), integer("right")).returns(DATETIME).sql(within("TRY_CAST(CAST({0} AS HUGEINT) * {1} AS BIGINT)")),
                    takes(integer("left"), datetime("right")).returns(DATETIME).sql(within("TRY_CAST(CAST({0} AS HUGEINT) * {1} AS BIGINT)")),
                    takes(datetime("left"), numberAsReal("right")).returns(DATETIME).sql(within("TRY_CAST({0} * {1} AS BIGINT)")),
                    takes(numberAsReal("left"), datetime("right")).returns(DATETIME).sql(within("TRY_CAST({0} * {1} AS BIGINT)"))),
            operator("/", "The quotient; between integers it is an integer, cut towards zero.",
                    takes(integer("left"), integer("right")).returns(LONG).rewrite(ArithmeticOperators::integerDivision),
                    takes(widest("left"), widest("right")).returnsArgument(0).rewrite(ArithmeticOperators::quotient),
                    takes(timespan("left"), timespan("right")).returns(REAL).sql("CAST({0} AS DOUBLE) / {1}"),
                    takes(datetime("left"), timespan("right")).returns(REAL).sql("CAST({0} AS DOUBLE) / {1}"),
                    takes(datetime("left"), datetime("right")).returns(REAL).sql("CAST({0} AS DOUBLE) / {1}"),
                    takes(timespan("left"), integer("right")).returns(TIMESPAN).rewrite(ArithmeticOperators::integerDivision),
                    takes(timespan("left"), numberAsReal("right")).returns(TIMESPAN)
                            .sql("TRY_CAST(trunc({0} / {1}) AS BIGINT)"),
                    // As the page on diagnosing anomalies finds the middle of two moments.
                    takes(datetime("left"), integer("right")).returns(DATETIME)
                            .rewrite(args -> call("/", within("{0}"), DATETIME, integerDivision(args))),
                    takes(datetime("left"), numberAsReal("right")).returns(DATETIME)
                            .sql(within("TRY_CAST(trunc({0} / {1}) AS BIGINT)"))),
            operator("%", "The remainder, which is never negative.",
                    takes(integer("left"), integer("right")).returns(LONG).rewrite(args -> remainder(LONG, args)),
                    takes(widest("left"), widest("right")).returnsArgument(0)
                            .rewrite(args -> remainder(args.getFirst().type(), args)),
                    takes(timespan("left"), timespan("right")).returns(TIMESPAN).rewrite(args -> remainder(TIMESPAN, args)),
                    takes(datetime("left"), timespan("right")).returns(TIMESPAN).rewrite(args -> remainder(TIMESPAN, args)),
                    takes(datetime("left"), datetime("right")).returns(TIMESPAN)
                            .rewrite(args -> remainder(TIMESPAN, args)),
                    takes(timespan("left"), integer("right")).returns(TIMESPAN).rewrite(args -> remainder(TIMESPAN, args)),
                    takes(datetime("left"), integer("right")).returns(DATETIME).rewrite(args -> remainder(DATETIME, args)),
                    takes(timespan("left"), numberAsReal("right")).returns(TIMESPAN).sql(REAL_REMAINDER),
                    takes(datetime("left"), numberAsReal("right")).returns(DATETIME).sql(REAL_REMAINDER)));

    /// DuckDB computes constant parts ahead, whatever branch they stand in, so they must not fail.
    private static final String DIVISOR = "nullif(nullif({1}, 0), -1)";
    /// A 128-bit number cut to its low 64 bits, as two's complement.
    private static final String WRAP =
            "CAST((((%s) + 9223372036854775808) & 18446744073709551615) - 9223372036854775808 AS BIGINT)";

    private ArithmeticOperators() {}

    /// The signatures, and for the numeric ones also those with a dynamic operand.
    private static ScalarFunction operator(String sign, String summary, Signature... signatures) {
        List<Signature> all = new ArrayList<>(List.of(signatures));
        for (Signature signature : signatures) {
            if (signature.parameters().size() != 2) {
                continue;
            }
            Type left = signature.parameters().get(0).accepts().iterator().next();
            Type right = signature.parameters().get(1).accepts().iterator().next();
            if (left == right && !left.isNumeric() && (sign.equals("+") || sign.equals("-"))) {
                all.add(takes(dynamic("left").as(right), signature.parameters().get(1))
                        .returns(signature.returns().of(List.of(left, right))).by(signature.lowering()));
                all.add(takes(signature.parameters().get(0), dynamic("right").as(left))
                        .returns(signature.returns().of(List.of(left, right))).by(signature.lowering()));
            }
        }
        Signature integers = signatures[0];
        all.add(takes(dynamic("left").as(LONG), integer("right")).returns(LONG).by(integers.lowering()));
        all.add(takes(integer("left"), dynamic("right").as(LONG)).returns(LONG).by(integers.lowering()));
        for (Type type : List.of(REAL, DECIMAL)) {
            Lowering wide = signatures[1].lowering();
            all.add(takes(dynamic("left").as(type), oneOf("right", type)).returns(type).by(wide));
            all.add(takes(oneOf("left", type), dynamic("right").as(type)).returns(type).by(wide));
        }
        return new ScalarFunction(sign, NONE, sign, summary, all);
    }

    /// A template over ticks that is null outside the range of datetime. It stands once, and a cast to an unsigned type
    /// fails below the first datetime and, counted from the last one, above it. (DuckDB's `try` cannot hold a subquery.)
    static String within(String ticks) {
        return Ticks.DATETIME_MAX + " - CAST(TRY_CAST(" + Ticks.DATETIME_MAX + " - CAST(TRY_CAST(" + ticks
                + " AS UBIGINT) AS BIGINT) AS UBIGINT) AS BIGINT)";
    }

    /// A datetime moved by a timespan; only one of many thousand years leaves the range of a long.
    static Expr moved(String sign, List<Expr> args) {
        Expr left = args.getFirst();
        Expr right = args.getLast();
        String sql = isModest(left) || isModest(right)
                ? "{0} " + sign + " {1}"
                : "TRY_CAST(CAST({0} AS HUGEINT) " + sign + " {1} AS BIGINT)";
        return call(sign, within(sql), DATETIME, left, right);
    }

    static boolean isModest(Expr timespan) {
        return timespan instanceof Expr.Constant(Type type, Long ticks)
                && type == TIMESPAN
                && Math.abs(ticks) < Long.MAX_VALUE - Ticks.DATETIME_MAX;
    }

    /// An integer expression over 128 bits, cut to 64 bits as Kusto's arithmetic is.
    static String wrapped(String hugeint) {
        return WRAP.formatted(hugeint);
    }

    private static Expr wrapping(String sign, List<Expr> args) {
        Expr left = args.getFirst();
        Expr right = args.getLast();
        String plain = "{0} " + sign + " {1}";
        if (isSmall(left) && isSmall(right)) {
            return call(sign, plain, LONG, left, right);
        }
        String wide = wrapped("CAST({0} AS HUGEINT) " + sign + " {1}");
        // Six times faster, but each argument stands twice.
        String checked = "coalesce(try(" + plain + "), " + wide + ")";
        return call(sign, isAtomic(left) && isAtomic(right) ? checked : wide, LONG, left, right);
    }

    /// Whether an integer is known to have at most 32 bits, so that one operation on two of them can't overflow.
    static boolean isSmall(Expr value) {
        return switch (value) {
            case Expr.Constant(_, Long number) -> number == number.intValue();
            case Expr.Call(_, _, List<Expr> arguments, _) -> Conversions.isConversion(value)
                    && (arguments.getFirst().type() == INT || arguments.getFirst().type() == BOOL);
            case Expr.Constant _, Expr.Ref _, Expr.Null _, Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> false;
        };
    }

    /// Whether an expression may stand several times in a template without making the text grow.
    static boolean isAtomic(Expr value) {
        return switch (value) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> true;
            case Expr.Call(_, _, List<Expr> arguments, _) ->
                Conversions.isConversion(value) && isAtomic(arguments.getFirst());
            case Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> false;
        };
    }

    private static boolean isConstantOtherThanZero(Expr value) {
        return value instanceof Expr.Constant(_, Long number) && number != 0 && number != -1;
    }

    private static Expr integerDivision(List<Expr> args) {
        String sql = isConstantOtherThanZero(args.getLast())
                ? "{0} // {1}"
                // Only the lowest long divided by -1 does not fit; it wraps onto itself.
                : "CASE {1} WHEN -1 THEN " + wrapped("-CAST({0} AS HUGEINT)") + " ELSE {0} // " + DIVISOR + " END";
        return call("/", sql, args.getFirst().type(), args.getFirst(), args.getLast());
    }

    /// Kusto's remainder lies between zero and the divisor's size, whatever the signs.
    private static Expr remainder(Type type, List<Expr> args) {
        Expr divisor = args.getLast();
        if (type == REAL) {
            return call("%", "({0} % {1} + abs({1})) % {1}", REAL, args.getFirst(), divisor);
        }
        if (isConstantOtherThanZero(divisor) && divisor instanceof Expr.Constant(_, Long number) && number > 0) {
            // The sum can't overflow where the divisor is below half the range.
            if (number < Long.MAX_VALUE / 2) {
                return call("%", "({0} % {1} + {1}) % {1}", type, args.getFirst(), divisor);
            }
        }
        String zero = type == DECIMAL ? "CAST(0 AS DECIMAL(38,17))" : "0";
        String rest = "{0} % " + DIVISOR;
        String sql = "CASE WHEN {1} = -1 THEN {0} - {0} WHEN " + rest + " >= " + zero + " THEN " + rest
                + " WHEN {1} > 0 THEN " + rest + " + {1} ELSE " + rest + " - {1} END";
        return call("%", type == DECIMAL ? ofDecimals(sql) : sql, type, args.getFirst(), divisor);
    }

    /// Versions are decimals with more digits, which DuckDB has as whole numbers: the remainder of one by a decimal would be a real.
    static String ofDecimals(String sql) {
        return sql.replaceAll("\\{\\d}", "CAST($0 AS DECIMAL(38,17))");
    }

    /// Decimals may overflow. DuckDB takes what is called by its name for as dear as other functions that may fail, and asks it behind comparisons:
    /// behind those of a policy that hides rows above all.
    private static Expr wide(String sign, String function, List<Expr> args) {
        Type type = args.getFirst().type();
        return call(sign, type == DECIMAL ? function + "({0}, {1})" : "{0} " + sign + " {1}", type, args.getFirst(), args.getLast());
    }

    private static Expr product(List<Expr> args) {
        Type type = args.getFirst().type();
        String sql = type == DECIMAL ? "kql_decimal_multiply({0}, {1})" : "{0} * {1}";
        return call("*", sql, type, args.getFirst(), args.getLast());
    }

    private static Expr quotient(List<Expr> args) {
        Type type = args.getFirst().type();
        String sql = type == DECIMAL ? "kql_decimal_divide({0}, {1})" : "{0} / {1}";
        return call("/", sql, type, args.getFirst(), args.getLast());
    }
}
