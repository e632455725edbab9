package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.function.Lowering.Intrinsic;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.util.List;
import java.util.Optional;

/// `range()`: arrays of equally spaced values, and the same as lists of whole numbers or ticks for what takes them apart.
public final class Ranges {
    private static final String FUNCTION = "range";

    /// Longer lists are made by the kernel, which has an end and is looked after.
    private static final int QUICK_ELEMENTS_MAX = 1_000;

    /// Numbers that are too far from each other for their difference have one as reals.
    private static final String IS_QUICK = "{2} <> 0 AND abs(CAST({1} AS DOUBLE) - CAST({0} AS DOUBLE)) <= " + QUICK_ELEMENTS_MAX
            + ".0e0 * abs(CAST({2} AS DOUBLE))";

    /// Of constants DuckDB computes each branch while it plans, where nothing ends it: so the one that is not taken is short, too.
    private static final String LIST = "CASE WHEN " + IS_QUICK + " THEN generate_series({0}, CASE WHEN " + IS_QUICK + " THEN {1} ELSE {0} END, {2})"
            + " ELSE from_json(kql_fits(kql_range({0}, {1}, {2}, ''), CAST(24 AS BIGINT)), '[\"BIGINT\"]') END";

    private Ranges() {}

    static ScalarFunction function() {
        return scalar(FUNCTION, ResultName.NONE, "An array of equally spaced values, both ends included.",
                takes(integer("start"), integer("stop"), integer("step").orElse(LONG, 1L)).returns(DYNAMIC)
                        .sql("kql_range({0}, {1}, {2}, '')"),
                takes(numberAsReal("start"), numberAsReal("stop"), numberAsReal("step").orElse(REAL, 1.0)).returns(DYNAMIC)
                        .sql("kql_real_range({0}, {1}, {2})"),
                takes(datetime("start"), datetime("stop"), timespan("step").orElse(TIMESPAN, Ticks.HOUR))
                        .returns(DYNAMIC).sql("kql_range({0}, {1}, {2}, 't')"),
                takes(timespan("start"), timespan("stop"), timespan("step").orElse(TIMESPAN, Ticks.HOUR))
                        .returns(DYNAMIC).sql("kql_range({0}, {1}, {2}, 's')"));
    }

    /// The list of a range's values: a DuckDB list of 64-bit numbers, which only [io.conshelf.kql.plan.Plan.Expansion] takes.
    ///
    /// @param type what the values are to be: `long`, `datetime` or `timespan`
    public static Optional<Expr.Call> list(Expr array, Type type) {
        return array instanceof Expr.Call(String function, _, List<Expr> arguments, _) && function.equals(FUNCTION)
                && type == elements(arguments.getFirst().type())
                // A real end or step makes reals of whole numbers.
                && arguments.stream().noneMatch(argument -> elements(argument.type()) == DYNAMIC)
                // What stands in a template several times is drawn each time.
                && arguments.stream().noneMatch(Ranges::isDrawn)
                        ? Optional.of(new Expr.Call(FUNCTION, new Lowering.Sql(LIST), arguments, DYNAMIC)) : Optional.empty();
    }

    private static Type elements(Type start) {
        return switch (start) {
            case INT, LONG -> LONG;
            case DATETIME, TIMESPAN -> start;
            case BOOL, REAL, DECIMAL, STRING, GUID, DYNAMIC -> DYNAMIC;
        };
    }

    private static boolean isDrawn(Expr expr) {
        return switch (expr) {
            case Expr.Call(_, Intrinsic(IntrinsicFunction drawn), _, _) when drawn == IntrinsicFunction.RAND || drawn == IntrinsicFunction.NEW_GUID -> true;
            case Expr.Call call -> call.arguments().stream().anyMatch(Ranges::isDrawn);
            case Expr.Aggregate aggregate -> aggregate.arguments().stream().anyMatch(Ranges::isDrawn);
            // Its query may take rows by chance.
            case Expr.InQuery _ -> true;
            case Expr.Ref _, Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> false;
        };
    }
}
