package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Finds what `parse_version()` gave, and nothing that was computed with it. Its four parts of eight digits are more than stand before
/// the point of a decimal here: they are whole numbers of DuckDB's own, as long as nothing else is among them.
final class VersionNumbers {
    static final String MISSING = "CAST(NULL AS HUGEINT)";

    private final Map<Integer, Boolean> known = new HashMap<>();

    /// What stands around a body.
    private record Around(Plan input, boolean isPartition) {}

    /// The type that the values of a column are shown, and compared, as.
    String type(Plan plan, Column column) {
        return column.type() == Type.DECIMAL && are(plan, column) ? "DECIMAL(38,0)" : DuckTypes.of(column.type());
    }

    /// The same of an expression over a plan.
    String type(Plan input, Expr value) {
        return value.type() == Type.DECIMAL && is(input, value, List.of()) ? "DECIMAL(38,0)" : DuckTypes.of(value.type());
    }

    boolean are(Plan plan, Column column) {
        return are(plan, column, List.of());
    }

    /// Whether nulls among the arguments take the type of the others: a null that is a decimal makes decimals of them.
    static boolean haveTypeOfOthers(Expr.Call call) {
        return call.type() == Type.DECIMAL
                && Choices.of(call).stream().anyMatch(argument -> argument.type() == Type.DECIMAL && !(argument instanceof Expr.Null));
    }

    /// Whether an input of a union has no such column: its nulls can be of any type.
    static boolean isMissing(Plan input, Column column) {
        return input instanceof Plan.Project p
                && p.assignments().stream().anyMatch(a -> a.column().equals(column) && a.value() instanceof Expr.Null);
    }

    private boolean are(Plan plan, Column column, List<Around> around) {
        if (column.type() != Type.DECIMAL) {
            return false;
        }
        Boolean before = known.get(column.id());
        if (before != null) {
            return before;
        }
        boolean found = find(plan, column, around);
        known.put(column.id(), found);
        return found;
    }

    private boolean find(Plan plan, Column column, List<Around> around) {
        return switch (plan) {
            case Plan.Project p -> assigned(p.assignments().stream(), p.input(), column, around);
            case Plan.Rows p -> {
                int at = p.columns().indexOf(column);
                yield at >= 0 && !p.rows().isEmpty() && p.rows().stream().allMatch(row -> is(p, row.get(at), around));
            }
            case Plan.Filter p -> are(p.input(), column, around);
            case Plan.Sort p -> are(p.input(), column, around);
            case Plan.Limit p -> are(p.input(), column, around);
            case Plan.Top p -> are(p.input(), column, around);
            case Plan.Serialize p -> are(p.input(), column, around);
            case Plan.Window p -> p.input().columns().contains(column) && are(p.input(), column, around);
            case Plan.Expand p -> are(p.input(), column, around);
            case Plan.StepScan p -> p.input().columns().contains(column) && are(p.input(), column, around);
            case Plan.Sessions p -> p.input().columns().contains(column) && are(p.input(), column, around);
            case Plan.Walks p -> p.input().columns().contains(column) && are(p.input(), column, around);
            case Plan.Aggregate p -> assigned(Stream.concat(p.keys().stream(), p.aggregates().stream()), p.input(), column, around);
            case Plan.MakeSeries p -> assigned(p.keys().stream(), p.input(), column, around);
            case Plan.Join p -> p.left().columns().contains(column) ? are(p.left(), column, around)
                    : p.right().columns().contains(column) && are(p.right(), column, around);
            case Plan.Union p -> inAll(p, p.columns().indexOf(column), around);
            case Plan.Shared p -> {
                int at = p.columns().indexOf(column);
                yield at >= 0 && are(p.definition(), p.definition().columns().get(at), around);
            }
            case Plan.Partition p -> are(p.body(), column, inside(around, new Around(p.input(), true)));
            case Plan.Apply p -> p.input().columns().contains(column) ? are(p.input(), column, around)
                    : are(p.body(), column, inside(around, new Around(p.input(), false)));
            case Plan.ApplyInput p -> !around.isEmpty() && (around.getLast().isPartition || !p.columns().contains(column))
                    && are(around.getLast().input, column, around.subList(0, around.size() - 1));
            case Plan.Scan _, Plan.Supplied _, Plan.Range _, Plan.Refused _ -> false;
        };
    }

    private static List<Around> inside(List<Around> around, Around next) {
        return Stream.concat(around.stream(), Stream.of(next)).toList();
    }

    private boolean assigned(Stream<Assignment> assignments, Plan input, Column column, List<Around> around) {
        return assignments.anyMatch(a -> a.column().equals(column) && is(input, a.value(), around));
    }

    private boolean inAll(Plan.Union union, int at, List<Around> around) {
        List<Plan> having = at < 0 ? List.of() : union.inputs().stream().filter(input -> !isMissing(input, input.columns().get(at))).toList();
        return !having.isEmpty() && having.stream().allMatch(input -> are(input, input.columns().get(at), around));
    }

    private boolean is(Plan input, Expr value, List<Around> around) {
        return switch (value) {
            case Expr.Ref ref -> are(input, ref.column(), around);
            case Expr.Call call -> call.function().equals("parse_version") || isOneOf(input, call, around);
            case Expr.Aggregate aggregate -> isOneOf(input, aggregate, around);
            case Expr.ScalarQuery query -> !query.plan().columns().isEmpty() && are(query.plan(), query.plan().columns().getFirst(), List.of());
            case Expr.Constant _, Expr.Null _, Expr.InQuery _ -> false;
        };
    }

    /// Whether a call gives one of its arguments, which are all versions.
    private boolean isOneOf(Plan input, Expr.Call call, List<Around> around) {
        List<Expr> values = Choices.of(call).stream().filter(argument -> !(argument instanceof Expr.Null)).toList();
        return !values.isEmpty() && values.stream().allMatch(argument -> is(input, argument, around));
    }

    private boolean isOneOf(Plan input, Expr.Aggregate aggregate, List<Around> around) {
        return switch (aggregate.function().name()) {
            case "min", "minif", "max", "maxif", "take_any", "take_anyif", "any", "anyif" -> is(input, aggregate.arguments().getFirst(), around);
            // The extreme itself, or what is returned of its row.
            case "arg_min", "arg_max", "argmin", "argmax" -> is(input, aggregate.arguments().getLast(), around);
            case String _ -> false;
        };
    }
}
