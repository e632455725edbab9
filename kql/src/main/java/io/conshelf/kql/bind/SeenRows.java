package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Set;

/// Keeps what is asked of rows behind what decides which of them are seen. The database moves a condition to where there are fewest rows, in front of a join or
/// of a query within a condition too: it would be asked of rows that are hidden, and who has it fail on some would learn of them. It does not move one in front
/// of a limit, unless it knows that there are no more rows than that, as of a table. Of conditions on the same rows it asks those first that it takes for the
/// cheaper ones: a few comparisons are cheaper than any function that can fail, all else may be dearer.
final class SeenRows {
    private static final Set<String> COMPARING = Set.of("and", "or", "not", "==", "!=", "<", "<=", ">", ">=", "in", "!in", "between", "!between", "isnull", "isnotnull",
            "isempty", "isnotempty", "ago");

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
            return Math.min(TOO_MANY, compared(input) + compared(predicate));
        }
        if (plan instanceof Plan.Project project) {
            List<Expr> made = project.assignments().stream().map(Plan.Assignment::value).filter(value -> !(value instanceof Expr.Ref)).toList();
            return Math.min(TOO_MANY, compared(project.input()) + compared(made));
        }
        return plan instanceof Plan.Scan ? 0 : TOO_MANY;
    }

    private static int compared(List<Expr> values) {
        return values.stream().mapToInt(SeenRows::compared).reduce(0, (a, b) -> Math.min(TOO_MANY, a + b));
    }

    private static int compared(Expr value) {
        return switch (value) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> 1;
            case Expr.Call call when call.arguments().isEmpty() -> 1;
            case Expr.Call call -> COMPARING.contains(call.function()) ? compared(call.arguments()) : TOO_MANY;
            case Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> TOO_MANY;
        };
    }
}
