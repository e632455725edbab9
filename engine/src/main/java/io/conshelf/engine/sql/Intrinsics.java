package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which of the functions that look at the request or the storage a plan calls, so that only the hidden columns they need are
/// carried through it; and what else is to be known of a plan before it is written.
final class Intrinsics {
    private static final Set<IntrinsicFunction> BY_CHANCE = EnumSet.of(IntrinsicFunction.RAND, IntrinsicFunction.NEW_GUID);

    private final Set<IntrinsicFunction> used = EnumSet.noneOf(IntrinsicFunction.class);
    private final List<TableId> scanned = new ArrayList<>();
    private final Set<Integer> referenced = new HashSet<>();
    private final Set<Visit> visited = new HashSet<>();
    private final Set<Integer> computedBefore = new HashSet<>();
    private final ColumnReads reads = new ColumnReads();
    private Optional<Map<String, CommonParts.Part>> parts = Optional.empty();
    /// The columns of all steps, where they are asked for.
    private Optional<Set<Integer>> made = Optional.empty();
    private int draws;
    /// Steps whose rows, or the order of them, DuckDB's threads decide.
    private int choices;
    private int bodies;
    private boolean readsInput;
    private boolean sorts;

    /// A query in an expression, which is looked into once, and once more for what counts only outside of bodies.
    private record Visit(int query, boolean inBody) {}

    private Intrinsics() {}

    static Set<IntrinsicFunction> of(Plan plan) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.used;
    }

    /// Whether rows are put in an order anywhere in a plan.
    static boolean sorts(Plan plan) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.sorts;
    }

    /// The tables that a plan reads, each as often as it does.
    static List<TableId> tables(Plan plan) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.scanned;
    }

    /// Whether a plan that stands in a body reads the rows the body is for, or, of the row around, one of these columns.
    static boolean looksAround(Plan plan, Set<Integer> around) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.readsInput || intrinsics.referenced.stream().anyMatch(around::contains);
    }

    /// The queries in expressions of which one value is to be seen everywhere: those of chance, and what stands at several places.
    static Set<Integer> computedBefore(Plan plan) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.computedBefore;
    }

    /// The queries with an identity that a plan reads, but for those that look at rows around them, by name; what one of them reads comes
    /// before it.
    ///
    /// @param reads what the plan reads of columns, all of its own among them
    record Parts(Map<String, CommonParts.Part> byName, ColumnReads reads) {}

    static Parts parts(Plan plan) {
        var intrinsics = new Intrinsics();
        var parts = new LinkedHashMap<String, CommonParts.Part>();
        intrinsics.parts = Optional.of(parts);
        intrinsics.plan(plan);
        intrinsics.reads.all(plan.columns());
        return new Parts(parts, intrinsics.reads);
    }

    /// Whether a plan is the same wherever it stands.
    private static boolean standsAlone(Plan plan) {
        var intrinsics = new Intrinsics();
        var made = new HashSet<Integer>();
        intrinsics.made = Optional.of(made);
        intrinsics.plan(plan);
        return !intrinsics.readsInput && made.containsAll(intrinsics.referenced);
    }

    private void plan(Plan plan) {
        made.ifPresent(columns -> plan.columns().forEach(column -> columns.add(column.id())));
        switch (plan) {
            case Plan.Scan scan -> scanned.add(scan.table());
            case Plan.Supplied _, Plan.Refused _ -> {}
            case Plan.ApplyInput _ -> readsInput |= bodies == 0;
            case Plan.Rows p -> p.rows().forEach(this::all);
            case Plan.Range p -> all(List.of(p.from(), p.to(), p.step()));
            case Plan.Filter p -> over(p.input(), List.of(p.predicate()));
            case Plan.Project p -> {
                plan(p.input());
                p.assignments().forEach(this::passed);
            }
            case Plan.Window p -> {
                choices++;
                assigned(p.input(), p.assignments());
            }
            case Plan.Aggregate p -> {
                choices++;
                assigned(p.input(), p.keys());
                p.aggregates().forEach(a -> expression(a.value()));
            }
            case Plan.Sort p -> {
                sorts = true;
                over(p.input(), p.keys().stream().map(Plan.SortKey::value).toList());
            }
            case Plan.Limit p -> {
                choices++;
                over(p.input(), List.of(p.count()));
            }
            case Plan.Top p -> {
                choices++;
                sorts = true;
                expression(p.count());
                over(p.input(), p.keys().stream().map(Plan.SortKey::value).toList());
            }
            case Plan.Serialize p -> plan(p.input());
            case Plan.Join p -> {
                choices += p.kind() == Plan.JoinKind.INNER_UNIQUE ? 1 : 0;
                plan(p.left());
                plan(p.right());
                p.keys().forEach(key -> all(List.of(key.left(), key.right())));
            }
            case Plan.Union p -> p.inputs().forEach(input -> {
                plan(input);
                reads.pass(p.columns(), input.columns());
            });
            case Plan.Expand p -> over(p.input(), p.items().stream().map(Plan.Expansion::value).toList());
            case Plan.Apply p -> {
                over(p.input(), p.items().stream().map(Plan.Expansion::value).toList());
                body(p.body());
            }
            case Plan.Partition p -> {
                over(p.input(), List.of(p.key()));
                body(p.body());
            }
            case Plan.MakeSeries p -> {
                choices++;
                assigned(p.input(), p.keys());
                p.series().forEach(s -> all(List.of(s.aggregate(), s.missing())));
                expression(p.axis().value());
                p.from().ifPresent(this::expression);
                p.to().ifPresent(this::expression);
                expression(p.step());
            }
            case Plan.StepScan p -> {
                choices++;
                reads.all(p.row());
                plan(p.input());
                all(p.defaults());
                p.steps().forEach(step -> {
                    expression(step.condition());
                    step.assignments().forEach(assignment -> expression(assignment.value()));
                });
            }
            case Plan.Sessions p -> {
                choices++;
                over(p.input(), p.arguments());
            }
            case Plan.Walks p -> {
                reads.all(List.of(p.index(), p.from(), p.to(), p.key()));
                over(p.input(), List.of(p.start()));
                plan(p.edges());
                over(p.nodes(), p.values().stream().map(Plan.PathValue::value).toList());
            }
            case Plan.Shared p -> {
                int drawsBefore = draws;
                int choicesBefore = choices;
                plan(p.definition());
                reads.pass(p.columns(), p.definition().columns());
                if (part(CommonParts.ROWS + p.id(), p.definition(), draws > drawsBefore || choices > choicesBefore)) {
                    // Whatever has been chosen there stays for what reads it.
                    choices = choicesBefore;
                }
            }
        }
    }

    /// The rows that it is for are told beside it.
    private void body(Plan plan) {
        bodies++;
        plan(plan);
        bodies--;
    }

    private void over(Plan input, List<Expr> expressions) {
        plan(input);
        all(expressions);
    }

    private void assigned(Plan input, List<Assignment> assignments) {
        over(input, assignments.stream().map(Assignment::value).toList());
    }

    private void passed(Assignment assignment) {
        if (assignment.value() instanceof Expr.Ref(Column column)) {
            referenced.add(column.id());
            reads.pass(List.of(assignment.column()), List.of(column));
        } else {
            expression(assignment.value());
        }
    }

    private void all(List<Expr> expressions) {
        expressions.forEach(this::expression);
    }

    private void expression(Expr expression) {
        switch (expression) {
            case Expr.Ref ref -> {
                referenced.add(ref.column().id());
                reads.all(List.of(ref.column()));
            }
            case Expr.Constant _, Expr.Null _ -> {}
            case Expr.ScalarQuery query -> query(query);
            case Expr.InQuery in -> {
                reads.all(in.plan().columns());
                over(in.plan(), List.of(in.needle()));
            }
            case Expr.Aggregate aggregate -> all(aggregate.arguments());
            case Expr.Call call -> {
                if (call.lowering() instanceof Lowering.Intrinsic(IntrinsicFunction function)) {
                    used.add(function);
                    draws += BY_CHANCE.contains(function) ? 1 : 0;
                }
                all(call.arguments());
            }
        }
    }

    private void query(Expr.ScalarQuery query) {
        boolean isNew = visited.add(new Visit(query.id(), bodies > 0));
        if (!isNew || visited.contains(new Visit(query.id(), bodies == 0))) {
            computedBefore.add(query.id());
        }
        if (!isNew) {
            return;
        }
        int drawsBefore = draws;
        int choicesBefore = choices;
        reads.all(query.plan().columns());
        plan(query.plan());
        if (draws > drawsBefore) {
            computedBefore.add(query.id());
        }
        if (part(CommonParts.VALUE + query.id(), query.plan(), true)) {
            choices = choicesBefore;
        }
    }

    /// Whether it is one, known before or not.
    private boolean part(String name, Plan plan, boolean mayDiffer) {
        if (parts.isEmpty() || !parts.get().containsKey(name) && bodies > 0 && !standsAlone(plan)) {
            return false;
        }
        parts.get().putIfAbsent(name, new CommonParts.Part(plan, mayDiffer));
        return true;
    }
}
