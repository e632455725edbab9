package io.conshelf.kql.bind;

import io.conshelf.kql.function.Ranges;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Finds what `range()` makes to be expanded at once, as in `mv-expand t = range(a, b, 1h) to typeof(datetime)`: its values
/// need not become elements of a dynamic array that are then read again.
final class ExpandedRanges {
    private final Binder binder;
    private Plan input;

    /// @param input of the operator
    ExpandedRanges(Binder binder, Plan input) {
        this.binder = binder;
        this.input = input;
    }

    /// The input, with a column more for each range that was found in a step before the operator.
    Plan input() {
        return input;
    }

    /// The list of values that an item stands for, where it is a range of the type that is asked for.
    Optional<Expr> list(Expr item, Type type) {
        if (!(item instanceof Expr.Ref ref)) {
            return Ranges.list(item, type).map(list -> {
                Bounded bounded = bounded(input, list);
                input = bounded.plan;
                return bounded.list;
            });
        }
        return beside(input, ref.column(), type).map(found -> {
            input = found.plan;
            return new Expr.Ref(found.list);
        });
    }

    /// @param list a column of the plan
    private record Found(Plan plan, Column list) {
        Found under(Function<Plan, Plan> step) {
            return new Found(step.apply(plan), list);
        }
    }

    /// The plan with the list beside the column that is a range's array, if it is.
    private Optional<Found> beside(Plan plan, Column column, Type type) {
        return switch (plan) {
            case Plan.Project p -> p.assignments().stream().filter(a -> a.column().equals(column)).findFirst()
                    .flatMap(assignment -> assigned(p, assignment.value(), type));
            case Plan.Filter p -> beside(p.input(), column, type).map(found -> found.under(below -> new Plan.Filter(below, p.predicate())));
            case Plan.Sort p -> beside(p.input(), column, type).map(found -> found.under(below -> new Plan.Sort(below, p.keys())));
            case Plan.Serialize p -> beside(p.input(), column, type).map(found -> found.under(Plan.Serialize::new));
            case Plan.Scan _, Plan.Rows _, Plan.Supplied _, Plan.Range _, Plan.Window _, Plan.Aggregate _, Plan.Limit _, Plan.Top _,
                    Plan.Join _, Plan.Union _, Plan.Expand _, Plan.Apply _, Plan.ApplyInput _, Plan.Partition _, Plan.MakeSeries _,
                    Plan.StepScan _, Plan.Sessions _, Plan.Walks _, Plan.Shared _, Plan.Refused _ -> Optional.empty();
        };
    }

    private Optional<Found> assigned(Plan.Project project, Expr value, Type type) {
        if (value instanceof Expr.Ref ref) {
            return beside(project.input(), ref.column(), type)
                    .map(found -> found.under(below -> with(below, project.assignments(), Binder.same(found.list))));
        }
        return Ranges.list(value, type).map(list -> {
            Column column = binder.column("$range", Type.DYNAMIC);
            Bounded bounded = bounded(project.input(), list);
            return new Found(with(bounded.plan, project.assignments(), new Assignment(column, bounded.list)), column);
        });
    }

    /// A list, and the plan that it can be computed over.
    private record Bounded(Plan plan, Expr.Call list) {}

    /// The list names its ends and its step several times: what is to be computed for them becomes a column, once.
    private Bounded bounded(Plan plan, Expr.Call list) {
        List<Assignment> computed = new ArrayList<>();
        List<Expr> bounds = list.arguments().stream().map(bound -> switch (bound) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> bound;
            case Expr.Call _, Expr.Aggregate _, Expr.ScalarQuery _, Expr.InQuery _ -> {
                Column column = binder.column("$bound", bound.type());
                computed.add(new Assignment(column, bound));
                yield new Expr.Ref(column);
            }
        }).toList();
        if (computed.isEmpty()) {
            return new Bounded(plan, list);
        }
        List<Assignment> all = new ArrayList<>(plan.columns().stream().map(Binder::same).toList());
        all.addAll(computed);
        return new Bounded(new Plan.Project(plan, all), new Expr.Call(list.function(), list.lowering(), bounds, list.type()));
    }

    private static Plan with(Plan input, List<Assignment> assignments, Assignment more) {
        var all = new ArrayList<>(assignments);
        all.add(more);
        return new Plan.Project(input, all);
    }
}
