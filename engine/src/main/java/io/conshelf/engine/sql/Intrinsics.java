package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Lowering.IntrinsicFunction;
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
    private Optional<Map<String, CommonParts.Part>> parts = Optional.empty();
    /// The columns of all steps, where they are asked for.
    private Optional<Set<Integer>> made = Optional.empty();
    private int draws;
    private int bodies;
    private boolean readsInput;

    /// A query in an expression, which is looked into once, and once more for what counts only outside of bodies.
    private record Visit(int query, boolean inBody) {}

    private Intrinsics() {}

    static Set<IntrinsicFunction> of(Plan plan) {
        var intrinsics = new Intrinsics();
        intrinsics.plan(plan);
        return intrinsics.used;
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
    static Map<String, CommonParts.Part> parts(Plan plan) {
        var intrinsics = new Intrinsics();
        var parts = new LinkedHashMap<String, CommonParts.Part>();
        intrinsics.parts = Optional.of(parts);
        intrinsics.plan(plan);
        return parts;
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
            case Plan.Project p -> assigned(p.input(), p.assignments());
            case Plan.Window p -> assigned(p.input(), p.assignments());
            case Plan.Aggregate p -> {
                assigned(p.input(), p.keys());
                p.aggregates().forEach(a -> expression(a.value()));
            }
            case Plan.Sort p -> over(p.input(), p.keys().stream().map(Plan.SortKey::value).toList());
            case Plan.Limit p -> over(p.input(), List.of(p.count()));
            case Plan.Top p -> {
                expression(p.count());
                over(p.input(), p.keys().stream().map(Plan.SortKey::value).toList());
            }
            case Plan.Serialize p -> plan(p.input());
            case Plan.Join p -> {
                plan(p.left());
                plan(p.right());
                p.keys().forEach(key -> all(List.of(key.left(), key.right())));
            }
            case Plan.Union p -> p.inputs().forEach(this::plan);
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
                assigned(p.input(), p.keys());
                p.series().forEach(s -> all(List.of(s.aggregate(), s.missing())));
                expression(p.axis().value());
                p.from().ifPresent(this::expression);
                p.to().ifPresent(this::expression);
                expression(p.step());
            }
            case Plan.StepScan p -> {
                plan(p.input());
                all(p.defaults());
                p.steps().forEach(step -> {
                    expression(step.condition());
                    step.assignments().forEach(assignment -> expression(assignment.value()));
                });
            }
            case Plan.Walks p -> {
                over(p.input(), List.of(p.start()));
                plan(p.edges());
                over(p.nodes(), p.values().stream().map(Plan.PathValue::value).toList());
            }
            case Plan.Shared p -> {
                int before = draws;
                plan(p.definition());
                part(CommonParts.ROWS + p.id(), p.definition(), draws > before);
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

    private void all(List<Expr> expressions) {
        expressions.forEach(this::expression);
    }

    private void expression(Expr expression) {
        switch (expression) {
            case Expr.Ref ref -> referenced.add(ref.column().id());
            case Expr.Constant _, Expr.Null _ -> {}
            case Expr.ScalarQuery query -> query(query);
            case Expr.InQuery in -> over(in.plan(), List.of(in.needle()));
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
        int before = draws;
        plan(query.plan());
        if (draws > before) {
            computedBefore.add(query.id());
        }
        part(CommonParts.VALUE + query.id(), query.plan(), draws > before);
    }

    private void part(String name, Plan plan, boolean isDrawn) {
        parts.filter(known -> !known.containsKey(name) && (bodies == 0 || standsAlone(plan)))
                .ifPresent(known -> known.put(name, new CommonParts.Part(plan, isDrawn)));
    }
}
