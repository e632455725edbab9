package io.conshelf.kql.bind;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.regex.Pattern;

/// Keeps what is asked of rows behind what decides which of them are seen. The database moves a condition to where there are fewest rows, in front of a join or
/// of a query within a condition too: it would be asked of rows that are hidden, and who has it fail on some would learn of them. It does not move one in front
/// of a limit, unless it knows that there are no more rows than that, as of a table. Of conditions on the same rows it asks those first that it takes for the
/// cheaper ones: a few comparisons are cheaper than any function that can fail, all else may be dearer.
final class SeenRows {
    /// A template of operators alone. What DuckDB reckons for a function it reckons for `coalesce` too, and for what a `CASE` calls.
    private static final Pattern COMPARING = Pattern.compile("(?:AND|OR|NOT|IS|NULL|DISTINCT|FROM|IN|BETWEEN|\\{\\d\\*?}|[ ()=<>'])+");

    /// Neither a function nor a kernel, so that what is made of constants is one.
    private static final Pattern OF_OPERATORS = Pattern.compile("[^a-z]+");

    /// Columns and constants that are compared: DuckDB reckons up to 100 for each, and 1,000 for a function.
    private static final int COMPARED_MAX = 8;

    private static final int TOO_MANY = COMPARED_MAX + 1;

    private static final Expr ALL = new Expr.Constant(Type.LONG, 1L << 61);
    private static final Expr WHOLE_SHARE = new Expr.Constant(Type.REAL, 100.0);

    private SeenRows() {}

    static Plan of(Plan plan) {
        return compared(plan) <= COMPARED_MAX ? plan : new Plan.Limit(plan, isOfTable(plan) ? WHOLE_SHARE : ALL);
    }

    private static boolean isOfTable(Plan plan) {
        return switch (plan) {
            case Plan.Scan _ -> true;
            case Plan.Filter filter -> isOfTable(filter.input());
            case Plan.Project project -> isOfTable(project.input());
            case Plan _ -> false;
        };
    }

    private static int compared(Plan plan) {
        if (plan instanceof Plan.Filter(Plan input, Expr predicate)) {
            return Math.min(TOO_MANY, compared(input) + asked(predicate));
        }
        if (plan instanceof Plan.Project project) {
            List<Expr> made = project.assignments().stream().map(Plan.Assignment::value).filter(value -> !(value instanceof Expr.Ref)).toList();
            return Math.min(TOO_MANY, compared(project.input()) + compared(made));
        }
        return plan instanceof Plan.Scan ? 0 : TOO_MANY;
    }

    /// Of a condition, as a filter is written with it.
    private static int asked(Expr predicate) {
        if (!(predicate instanceof Expr.Call(String function, Lowering.Sql sql, List<Expr> arguments, _))) {
            return compared(predicate);
        }
        if (function.equals("and") || function.equals("or")) {
            return arguments.stream().mapToInt(SeenRows::asked).reduce(0, (a, b) -> Math.min(TOO_MANY, a + b));
        }
        return compared(sql.asCondition().template(), arguments);
    }

    private static int compared(String template, List<Expr> arguments) {
        return COMPARING.matcher(template).matches() ? compared(arguments) : TOO_MANY;
    }

    private static int compared(List<Expr> values) {
        return values.stream().mapToInt(SeenRows::compared).reduce(0, (a, b) -> Math.min(TOO_MANY, a + b));
    }

    private static int compared(Expr value) {
        return switch (value) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> 1;
            case Expr.Call call when isConstant(call) -> 1;
            case Expr.Call(_, Lowering.Sql(String template), List<Expr> arguments, _) -> compared(template, arguments);
            case Expr.Call(_, Lowering.Intrinsic(Lowering.IntrinsicFunction function), _, _) -> isOfOneValue(function) ? 1 : TOO_MANY;
            case Expr.Call _, Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> TOO_MANY;
        };
    }

    private static boolean isConstant(Expr value) {
        return switch (value) {
            case Expr.Constant _, Expr.Null _ -> true;
            case Expr.Call(_, Lowering.Sql(String template), List<Expr> arguments, _) ->
                OF_OPERATORS.matcher(template).matches() && arguments.stream().allMatch(SeenRows::isConstant);
            case Expr.Call(_, Lowering.Intrinsic(Lowering.IntrinsicFunction function), List<Expr> arguments, _) -> arguments.isEmpty() && isOfRequest(function);
            case Expr.Call _, Expr.Ref _, Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> false;
        };
    }

    private static boolean isOfOneValue(Lowering.IntrinsicFunction function) {
        return isOfRequest(function) || function == Lowering.IntrinsicFunction.INGESTION_TIME;
    }

    /// Whether a function stands for a constant that the request tells.
    static boolean isOfRequest(Lowering.IntrinsicFunction function) {
        return switch (function) {
            case NOW, CURRENT_DATABASE, CURRENT_PRINCIPAL, CURRENT_PRINCIPAL_DETAILS, CURRENT_PRINCIPAL_IS_MEMBER_OF, CURRENT_CLUSTER_ENDPOINT -> true;
            case INGESTION_TIME, EXTENT_ID, EXTENT_TAGS, CURSOR_CURRENT, CURSOR_AFTER, CURSOR_BEFORE_OR_AT, RAND, NEW_GUID -> false;
        };
    }
}
