package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The predicates that stand directly over each scan of a plan. A scan may leave out rows that do not fulfil them; they are
/// checked again behind it, so it need not.
final class ScanHints {
    private final Map<Plan.Scan, List<Expr>> predicates = new IdentityHashMap<>();
    private final Set<Integer> queries = new HashSet<>();

    private ScanHints() {}

    static ScanHints of(Plan plan) {
        var hints = new ScanHints();
        hints.plan(plan, List.of());
        return hints;
    }

    List<Expr> over(Plan.Scan scan) {
        return predicates.getOrDefault(scan, List.of());
    }

    private void plan(Plan plan, List<Expr> over) {
        switch (plan) {
            // A scan that is read twice must give what either reader wants.
            case Plan.Scan scan -> predicates.merge(scan, over, (_, _) -> List.of());
            case Plan.Filter p -> {
                expression(p.predicate());
                var more = new ArrayList<>(over);
                addTerms(p.predicate(), more);
                plan(p.input(), more);
            }
            case Plan.Project p -> {
                assigned(p.assignments());
                plan(p.input(), renamed(p.assignments(), over));
            }
            case Plan.Serialize p -> plan(p.input(), over);
            case Plan.Sort p -> {
                p.keys().forEach(key -> expression(key.value()));
                plan(p.input(), over);
            }
            case Plan.Supplied _, Plan.ApplyInput _, Plan.Refused _ -> {}
            case Plan.Rows p -> p.rows().forEach(this::all);
            case Plan.Range p -> all(List.of(p.from(), p.to(), p.step()));
            case Plan.Window p -> {
                assigned(p.assignments());
                plan(p.input(), List.of());
            }
            case Plan.Aggregate p -> {
                assigned(p.keys());
                assigned(p.aggregates());
                plan(p.input(), List.of());
            }
            case Plan.Limit p -> {
                expression(p.count());
                plan(p.input(), List.of());
            }
            case Plan.Top p -> {
                expression(p.count());
                p.keys().forEach(key -> expression(key.value()));
                plan(p.input(), List.of());
            }
            case Plan.Join p -> {
                plan(p.left(), List.of());
                plan(p.right(), List.of());
                p.keys().forEach(key -> all(List.of(key.left(), key.right())));
            }
            case Plan.Union p -> p.inputs().forEach(input -> plan(input, List.of()));
            case Plan.Expand p -> {
                p.items().forEach(item -> expression(item.value()));
                plan(p.input(), List.of());
            }
            case Plan.Apply p -> {
                p.items().forEach(item -> expression(item.value()));
                plan(p.input(), List.of());
                plan(p.body(), List.of());
            }
            case Plan.Partition p -> {
                expression(p.key());
                plan(p.input(), List.of());
                plan(p.body(), List.of());
            }
            case Plan.MakeSeries p -> {
                assigned(p.keys());
                p.series().forEach(s -> all(List.of(s.aggregate(), s.missing())));
                expression(p.axis().value());
                p.from().ifPresent(this::expression);
                p.to().ifPresent(this::expression);
                expression(p.step());
                plan(p.input(), List.of());
            }
            case Plan.StepScan p -> {
                all(p.defaults());
                p.steps().forEach(step -> {
                    expression(step.condition());
                    assigned(step.assignments());
                });
                plan(p.input(), List.of());
            }
            case Plan.Sessions p -> {
                all(p.arguments());
                plan(p.input(), List.of());
            }
            case Plan.Walks p -> {
                expression(p.start());
                p.values().forEach(value -> expression(value.value()));
                plan(p.input(), List.of());
                plan(p.edges(), List.of());
                plan(p.nodes(), List.of());
            }
            case Plan.Shared p -> plan(p.definition(), List.of());
        }
    }

    /// The terms of a conjunction are predicates by themselves.
    private static void addTerms(Expr predicate, List<Expr> terms) {
        if (predicate instanceof Expr.Call call && call.function().equals("and")) {
            call.arguments().forEach(term -> addTerms(term, terms));
        } else {
            terms.add(predicate);
        }
    }

    private void assigned(List<Assignment> assignments) {
        assignments.forEach(a -> expression(a.value()));
    }

    private void all(List<Expr> expressions) {
        expressions.forEach(this::expression);
    }

    private void expression(Expr expression) {
        switch (expression) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> {}
            case Expr.ScalarQuery query -> {
                if (queries.add(query.id())) {
                    plan(query.plan(), List.of());
                }
            }
            case Expr.InQuery in -> {
                plan(in.plan(), List.of());
                expression(in.needle());
            }
            case Expr.Aggregate aggregate -> all(aggregate.arguments());
            case Expr.Call call -> all(call.arguments());
        }
    }

    /// The predicates over the columns that a projection only hands on, in the columns before it.
    private static List<Expr> renamed(List<Assignment> assignments, List<Expr> over) {
        Map<Integer, Expr> sources = new HashMap<>();
        assignments.forEach(a -> {
            if (a.value() instanceof Expr.Ref ref) {
                sources.put(a.column().id(), ref);
            }
        });
        return over.stream().flatMap(e -> renamed(e, sources).stream()).toList();
    }

    private static Optional<Expr> renamed(Expr expression, Map<Integer, Expr> sources) {
        return switch (expression) {
            case Expr.Ref ref -> Optional.ofNullable(sources.get(ref.column().id()));
            case Expr.Constant _, Expr.Null _ -> Optional.of(expression);
            case Expr.Call call -> {
                var arguments = new ArrayList<Expr>();
                for (Expr argument : call.arguments()) {
                    renamed(argument, sources).ifPresent(arguments::add);
                }
                if (arguments.size() == call.arguments().size()) {
                    yield Optional.of(new Expr.Call(call.function(), call.lowering(), arguments, call.type()));
                }
                yield Optional.empty();
            }
            case Expr.ScalarQuery _, Expr.InQuery _, Expr.Aggregate _ -> Optional.empty();
        };
    }
}
