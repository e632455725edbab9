package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// The steps of a plan while it is made.
final class Steps {
    private final List<Step> steps = new ArrayList<>();
    private final Map<String, Integer> shared = new HashMap<>();
    private final QueryContext context;

    Steps(QueryContext context) {
        this.context = context;
    }

    int add(Step step) {
        steps.add(step);
        return steps.size() - 1;
    }

    /// One step for all that is the same.
    int addShared(String what, Step step) {
        return shared.computeIfAbsent(what, _ -> add(step));
    }

    /// Without the steps that no output reads.
    Plan plan(List<Plan.Output> outputs) {
        TreeSet<Integer> needed = new TreeSet<>();
        outputs.forEach(output -> needed.add(output.step()));
        for (int i = steps.size() - 1; i >= 0; i--) {
            if (needed.contains(i)) {
                needed.addAll(from(steps.get(i)));
            }
        }
        Map<Integer, Integer> places = new HashMap<>();
        List<Step> kept = new ArrayList<>();
        for (int id : needed) {
            kept.add(renumbered(steps.get(id), places));
            places.put(id, kept.size() - 1);
        }
        Types types = new Types(kept, context);
        kept.replaceAll(step -> comparing(step, types));
        List<Plan.Output> renumbered = outputs.stream().map(output -> new Plan.Output(output.name(), places.get(output.step()), output.columns(),
                types.of(places.get(output.step()), output.columns()), output.span())).toList();
        return new Plan(kept, renumbered, LookBack.ticks(kept, renumbered));
    }

    /// MIN and MAX compare texts as numbers or times, unless CAST made them texts: also where that, or a function that gives texts, was in a step before.
    private static Step comparing(Step step, Types types) {
        return switch (step) {
            case Step.Aggregate(int from, var keys, var aggregates, var windows, var partitioning) -> new Step.Aggregate(from, keys,
                    aggregates.stream().map(call -> comparing(call, from, types)).toList(), windows, partitioning);
            case Step.Analytics(int from, var calls, var partitioning) -> new Step.Analytics(from, calls.stream().map(call ->
                    call instanceof AnalyticCall.Over(var aggregate, long limit, var partitionBy, var when, var span)
                            ? new AnalyticCall.Over(comparing(aggregate, from, types), limit, partitionBy, when, span) : call).toList(), partitioning);
            case Step.Source _, Step.Reference _, Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _, Step.ReferenceJoin _, Step.StreamJoin _,
                    Step.Match _, Step.Union _ -> step;
        };
    }

    private static AggregateCall comparing(AggregateCall call, int from, Types types) {
        boolean isExtreme = call.declared() == AggregateCall.Declared.BUILT_IN && (call.function().equals("MIN") || call.function().equals("MAX"));
        if (!isExtreme || call.arguments().getFirst() instanceof Expression.Cast
                || types.of(call.arguments().getFirst(), from).filter(Expression.Type.NVARCHAR::equals).isEmpty()) {
            return call;
        }
        Expression text = new Expression.Cast(call.arguments().getFirst(), Expression.Type.NVARCHAR, Expression.OnFailure.ERROR, call.span());
        return new AggregateCall(call.declared(), call.function(), call.quantifier(), List.of(text), call.order(), call.span());
    }

    private static List<Integer> from(Step step) {
        return switch (step) {
            case Step.Source _, Step.Reference _ -> List.of();
            case Step.Filter filter -> List.of(filter.from());
            case Step.Project project -> List.of(project.from());
            case Step.Extend extend -> List.of(extend.from());
            case Step.Apply apply -> List.of(apply.from());
            case Step.ReferenceJoin join -> List.of(join.left(), join.reference());
            case Step.StreamJoin join -> List.of(join.left(), join.right());
            case Step.Analytics analytics -> List.of(analytics.from());
            case Step.Aggregate aggregate -> List.of(aggregate.from());
            case Step.Match match -> List.of(match.from());
            case Step.Union union -> union.from();
        };
    }

    private static Step renumbered(Step step, Map<Integer, Integer> places) {
        return switch (step) {
            case Step.Source source -> source;
            case Step.Reference reference -> reference;
            case Step.Filter(int from, var predicate) -> new Step.Filter(places.get(from), predicate);
            case Step.Project(int from, var items) -> new Step.Project(places.get(from), items);
            case Step.Extend(int from, var values) -> new Step.Extend(places.get(from), values);
            case Step.Apply(int from, var function, var argument, var kind, var span) -> new Step.Apply(places.get(from), function, argument, kind, span);
            case Step.ReferenceJoin(int left, int reference, var kind, var equal, var residual, int rightSlots) ->
                new Step.ReferenceJoin(places.get(left), places.get(reference), kind, equal, residual, rightSlots);
            case Step.StreamJoin(int left, int right, var kind, var bounds, var equal, var residual, int rightSlots, var partitioning) ->
                new Step.StreamJoin(places.get(left), places.get(right), kind, bounds, equal, residual, rightSlots, partitioning);
            case Step.Analytics(int from, var calls, var partitioning) -> new Step.Analytics(places.get(from), calls, partitioning);
            case Step.Aggregate(int from, var keys, var aggregates, var windows, var partitioning) ->
                new Step.Aggregate(places.get(from), keys, aggregates, windows, partitioning);
            case Step.Match(int from, var pattern, var partitioning) -> new Step.Match(places.get(from), pattern, partitioning);
            case Step.Union(var from) -> new Step.Union(from.stream().map(places::get).toList());
        };
    }
}
