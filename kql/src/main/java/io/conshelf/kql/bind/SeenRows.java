package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;

/// Keeps what is asked of rows behind what decides which of them are seen. The database moves a condition to where there are fewest rows, in front of a join or
/// of a query within a condition too: it would be asked of rows that are hidden, and who has it fail on some would learn of them. It does not move one in front
/// of a limit, and keeps the order of conditions that may fail on the same rows.
final class SeenRows {
    private static final Expr ALL = new Expr.Constant(Type.LONG, 1L << 61);

    private SeenRows() {}

    static Plan of(Plan plan) {
        return isPlain(plan) ? plan : new Plan.Limit(plan, ALL);
    }

    private static boolean isPlain(Plan plan) {
        if (plan instanceof Plan.Filter(Plan input, Expr predicate)) {
            return isPlain(input) && isPlain(predicate);
        }
        if (plan instanceof Plan.Project project) {
            return isPlain(project.input()) && project.assignments().stream().allMatch(assignment -> isPlain(assignment.value()));
        }
        return plan instanceof Plan.Scan;
    }

    private static boolean isPlain(Expr value) {
        return switch (value) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> true;
            case Expr.Call call -> call.arguments().stream().allMatch(SeenRows::isPlain);
            case Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> false;
        };
    }
}
