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
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Copies a plan so that it can stand a second time in the same query: every column it makes gets a new id. Columns
/// of an outer input keep theirs.
final class PlanCopy {
    private final Binder binder;
    private final Map<Column, Column> copies = new HashMap<>();

    /// What bodies that are copied with their operator start from.
    private final Set<Column> given = new HashSet<>();

    /// What a body that is being copied can read of the rows around it; empty outside of bodies.
    private Set<Column> around = Set.of();

    /// How often a body was found to read the rows around it, or those it is given.
    private int readings;

    /// What queries with an identity became that stand in bodies, by their ids; nothing of those that read no row around them.
    private final Map<Integer, Optional<Plan.Shared>> shared = new HashMap<>();
    private final Map<Integer, Optional<Expr.ScalarQuery>> values = new HashMap<>();

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
                yield new Plan.Apply(input, items, index, p.limit(), body(p.body()));
            }
            case Plan.ApplyInput p when given.containsAll(p.columns()) -> {
                readings++;
                yield new Plan.ApplyInput(all(p.columns(), this::fresh));
            }
            // Its operator, which is not copied, goes on giving it the same columns.
            case Plan.ApplyInput p -> new Plan.Project(p, all(p.columns(), column -> new Assignment(fresh(column), new Expr.Ref(column))));
            case Plan.Partition p -> {
                Plan input = copy(p.input());
                given.addAll(p.input().columns());
                yield new Plan.Partition(input, expr(p.key()), body(p.body()), p.keysMax());
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
            case Plan.Shared p -> {
                Plan.Shared own = own(p);
                yield new Plan.Shared(own.id(), own.definition(), fresh(p.columns()));
            }
        };
    }

    private Plan body(Plan body) {
        Set<Column> before = around;
        around = new HashSet<>(copies.keySet());
        Plan copy = copy(body);
        around = before;
        return copy;
    }

    /// What a body shares with itself alone is another thing in its copy: it is made of other rows.
    private Plan.Shared own(Plan.Shared old) {
        if (around.isEmpty()) {
            return old;
        }
        if (!shared.containsKey(old.id())) {
            shared.put(old.id(), ifReading(old.definition()).map(copy -> new Plan.Shared(binder.shareId(), copy, old.columns())));
        }
        readings += shared.get(old.id()).isPresent() ? 1 : 0;
        return shared.get(old.id()).orElse(old);
    }

    private Expr.ScalarQuery own(Expr.ScalarQuery old) {
        if (around.isEmpty()) {
            return old;
        }
        if (!values.containsKey(old.id())) {
            values.put(old.id(), ifReading(old.plan()).map(copy -> new Expr.ScalarQuery(binder.shareId(), copy, old.type())));
        }
        readings += values.get(old.id()).isPresent() ? 1 : 0;
        return values.get(old.id()).orElse(old);
    }

    private Expr.InQuery own(Expr.InQuery old) {
        return around.isEmpty() ? old : ifReading(old.plan()).map(copy -> new Expr.InQuery(old.needle(), copy, old.ignoreCase())).orElse(old);
    }

    /// The copy, if what is copied reads rows of the body that it stands in.
    private Optional<Plan> ifReading(Plan plan) {
        int before = readings;
        Plan copy = copy(plan);
        return readings > before ? Optional.of(copy) : Optional.empty();
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
        return ExprWalk.map(expr, part -> switch (part) {
            case Expr.Ref(Column column) when copies.containsKey(column) -> {
                if (around.contains(column)) {
                    readings++;
                }
                yield new Expr.Ref(copies.get(column));
            }
            case Expr.ScalarQuery query -> own(query);
            case Expr.InQuery query -> own(query);
            case Expr.Ref _, Expr.Call _, Expr.Aggregate _, Expr.Constant _, Expr.Null _ -> part;
        });
    }
}
