package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.Set;
import java.util.stream.Stream;

/// The columns that a statement gives, in the types that its reader knows.
final class OutputSql {
    private OutputSql() {}

    static String of(Plan plan, Column column, String sql) {
        String type = switch (column.type()) {
            // The chunk reader knows no UUID vectors.
            case GUID -> "VARCHAR";
            // Four parts of eight digits are more than stand before the point of a decimal here.
            case DECIMAL -> isVersion(plan, column) ? "DECIMAL(38,0)" : DuckTypes.of(Type.DECIMAL);
            case BOOL, INT, LONG, REAL, DATETIME, TIMESPAN, STRING, DYNAMIC -> DuckTypes.of(column.type());
        };
        return "CAST(" + sql + " AS " + type + ")";
    }

    /// Whether a column is what `parse_version()` gave, and nothing that was computed with it.
    private static boolean isVersion(Plan plan, Column column) {
        return switch (plan) {
            case Plan.Project p -> p.assignments().stream()
                    .anyMatch(assignment -> assignment.column().equals(column) && isVersion(p.input(), assignment.value()));
            case Plan.Rows p -> {
                int at = p.columns().indexOf(column);
                yield at >= 0 && !p.rows().isEmpty() && p.rows().stream().allMatch(row -> isVersion(p, row.get(at)));
            }
            case Plan.Filter p -> isVersion(p.input(), column);
            case Plan.Sort p -> isVersion(p.input(), column);
            case Plan.Limit p -> isVersion(p.input(), column);
            case Plan.Top p -> isVersion(p.input(), column);
            case Plan.Serialize p -> isVersion(p.input(), column);
            case Plan.Window p -> isVersion(p.input(), column);
            case Plan.Expand p -> isVersion(p.input(), column);
            case Plan.Aggregate p -> Stream.concat(p.keys().stream(), p.aggregates().stream())
                    .anyMatch(assignment -> assignment.column().equals(column) && isVersion(p.input(), assignment.value()));
            case Plan.Scan _, Plan.Supplied _, Plan.Range _, Plan.Join _, Plan.Union _, Plan.Apply _, Plan.ApplyInput _,
                    Plan.Partition _, Plan.MakeSeries _, Plan.StepScan _, Plan.Walks _, Plan.Shared _, Plan.Refused _ -> false;
        };
    }

    private static boolean isVersion(Plan input, Expr value) {
        return switch (value) {
            case Expr.Ref ref -> isVersion(input, ref.column());
            case Expr.Call call -> call.function().equals("parse_version");
            case Expr.Aggregate extreme -> Set.of("min", "max").contains(extreme.function().name())
                    && isVersion(input, extreme.arguments().getFirst());
            case Expr.Constant _, Expr.Null _, Expr.ScalarQuery _, Expr.InQuery _ -> false;
        };
    }
}
