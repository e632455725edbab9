package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Expansion;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.Series;
import io.conshelf.kql.plan.Plan.SortKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// Copies a plan so that it can stand a second time in the same query: every column it makes gets a new id. Columns
/// of an outer input keep theirs.
final class PlanCopy {
    private final Binder binder;
    private final Map<Column, Column> copies = new HashMap<>();

    /// What bodies that are copied with their operator start from.
    private final Set<Column> given = new HashSet<>();

    PlanCopy(Binder binder) {
        this.binder = binder;
    }

    Plan copy(Plan plan) {
        return switch (plan) {
            case Plan.Scan p -> new Plan.Scan(p.table(), fresh(p.columns()));
            case Plan.Rows p -> new Plan.Rows(fresh(p.columns()), p.rows());
            case Plan.Supplied p -> new Plan.Supplied(p.name(), fresh(p.columns()));
            case Plan.Range p -> new Plan.Range(fresh(p.column()), p.from(), p.to(), p.step());
            case Plan.Filter p -> {
                Plan input = copy(p.input());
                yield new Plan.Filter(input, expr(p.predicate()));
            }
            case Plan.Project p -> {
                Plan input = copy(p.input());
                yield new Plan.Project(input, assignments(p.assignments()));
            }
            case Plan.Window p -> {
                Plan input = copy(p.input());
                yield new Plan.Window(input, assignments(p.assignments()));
            }
            case Plan.Aggregate p -> {
                Plan input = copy(p.input());
                yield new Plan.Aggregate(input, assignments(p.keys()), assignments(p.aggregates()));
            }
            case Plan.Sort p -> {
                Plan input = copy(p.input());
                yield new Plan.Sort(input, keys(p.keys()));
            }
            case Plan.Limit p -> new Plan.Limit(copy(p.input()), p.count());
            case Plan.Top p -> {
                Plan input = copy(p.input());
                yield new Plan.Top(input, p.count(), keys(p.keys()));
            }
            case Plan.Serialize p -> new Plan.Serialize(copy(p.input()));
            case Plan.Join p -> {
                Plan left = copy(p.left());
                Plan right = copy(p.right());
                yield new Plan.Join(p.kind(), left, right,
                        all(p.keys(), key -> new JoinKey(expr(key.left()), expr(key.right()))));
            }
            case Plan.Union p -> new Plan.Union(all(p.inputs(), this::copy), fresh(p.columns()));
            case Plan.Expand p -> {
                Plan input = copy(p.input());
                yield new Plan.Expand(input, expansions(p.items()), p.index().map(this::fresh), p.limit());
            }
            case Plan.Apply p -> {
                Plan input = copy(p.input());
                List<Expansion> items = expansions(p.items());
                var index = p.index().map(this::fresh);
                p.items().forEach(item -> given.add(item.column()));
                p.index().ifPresent(given::add);
                yield new Plan.Apply(input, items, index, p.limit(), copy(p.body()));
            }
            case Plan.ApplyInput p when given.containsAll(p.columns()) -> new Plan.ApplyInput(all(p.columns(), this::fresh));
            // Its operator, which is not copied, goes on giving it the same columns.
            case Plan.ApplyInput p -> new Plan.Project(p, all(p.columns(), column -> new Assignment(fresh(column), new Expr.Ref(column))));
            case Plan.Partition p -> {
                Plan input = copy(p.input());
                given.addAll(p.input().columns());
                yield new Plan.Partition(input, expr(p.key()), copy(p.body()), p.keysMax());
            }
            case Plan.MakeSeries p -> {
                Plan input = copy(p.input());
                yield new Plan.MakeSeries(input, assignments(p.keys()),
                        all(p.series(), s -> new Series(fresh(s.column()), expr(s.aggregate()), expr(s.missing()))),
                        assignment(p.axis()), p.from(), p.to(), p.step(), p.nonEmpty());
            }
            case Plan.StepScan p -> {
                Plan input = copy(p.input());
                List<Column> row = fresh(p.row());
                List<Column> declared = fresh(p.declared());
                p.steps().forEach(step -> fresh(step.state()));
                List<Plan.ScanStep> steps = all(p.steps(), step -> new Plan.ScanStep(step.output(), expr(step.condition()),
                        assignments(step.assignments()), fresh(step.state())));
                yield new Plan.StepScan(input, row, declared, p.defaults(), steps, fresh(p.made()), p.matchId().map(this::fresh));
            }
            case Plan.Sessions p -> {
                Plan input = copy(p.input());
                yield new Plan.Sessions(input, fresh(p.begin()), expr(p.moment()), expr(p.fromFirst()), expr(p.betweenNeighbors()),
                        expr(p.restart()));
            }
            case Plan.Walks p -> {
                Plan input = copy(p.input());
                Plan edges = copy(p.edges());
                Plan nodes = copy(p.nodes());
                yield new Plan.Walks(input, expr(p.start()), edges, fresh(p.index()), fresh(p.from()), fresh(p.to()), nodes,
                        fresh(p.key()), p.least(), p.most(), p.cycles(),
                        all(p.values(), value -> new Plan.PathValue(fresh(value.column()), expr(value.value()), value.of(), value.fold())),
                        fresh(p.end()), fresh(p.length()), fresh(p.numbers()), fresh(p.between()));
            }
            case Plan.Refused p -> new Plan.Refused(p.construct(), fresh(p.columns()));
            case Plan.Shared p -> new Plan.Shared(p.id(), p.definition(), fresh(p.columns()));
        };
    }

    private static <T, R> List<R> all(List<T> items, Function<T, R> change) {
        return items.stream().map(change).toList();
    }

    private Column fresh(Column column) {
        return copies.computeIfAbsent(column, old -> binder.column(old.name(), old.type()));
    }

    private List<Column> fresh(List<Column> columns) {
        return all(columns, this::fresh);
    }

    /// The value is copied before the column: a column may be computed from its own namesake below.
    private Assignment assignment(Assignment assignment) {
        Expr value = expr(assignment.value());
        return new Assignment(fresh(assignment.column()), value);
    }

    private List<Assignment> assignments(List<Assignment> assignments) {
        return all(assignments, this::assignment);
    }

    private List<SortKey> keys(List<SortKey> keys) {
        return all(keys, key -> new SortKey(expr(key.value()), key.descending(), key.nullsFirst()));
    }

    private List<Expansion> expansions(List<Expansion> items) {
        return all(items, item -> new Expansion(expr(item.value()), fresh(item.column()), item.bagAsArray()));
    }

    private Expr expr(Expr expr) {
        return ExprWalk.map(expr, part -> part instanceof Expr.Ref(Column column) && copies.containsKey(column)
                ? new Expr.Ref(copies.get(column)) : part);
    }
}
