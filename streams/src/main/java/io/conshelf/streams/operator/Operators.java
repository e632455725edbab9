package io.conshelf.streams.operator;

import io.conshelf.streams.aggregate.Aggregate.Rows;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The operators of a plan's steps.
public final class Operators {
    /// Aggregates that give the same whatever the order in which rows come.
    private static final Set<String> ORDER_FREE = Set.of("count", "sum", "avg", "min", "max", "stdev", "stdevp", "var", "varp", "percentile_cont",
            "percentile_disc");

    private Operators() {}

    /// Whether a step remembers rows: an operator runs it, and a [RowFunction] or a [ReferenceLookup] otherwise.
    public static boolean isStateful(Step step) {
        return switch (step) {
            case Step.Aggregate _, Step.Analytics _, Step.StreamJoin _, Step.Match _ -> true;
            case Step.Source _, Step.Reference _, Step.Filter _, Step.Project _, Step.Extend _, Step.ReferenceJoin _, Step.Apply _, Step.Union _ -> false;
        };
    }

    /// What it gives belongs to one thread, as the evaluation does.
    ///
    /// @param told of what the step gives up
    public static Operator<?> of(Plan plan, int id, Evaluation evaluation, Loss.Told told) {
        return switch (plan.steps().get(id)) {
            case Step.Aggregate aggregate -> aggregate(aggregate, evaluation);
            case Step.Analytics analytics -> new AnalyticsOperator(analytics, evaluation);
            case Step.StreamJoin join -> new StreamJoinOperator(join, delay(plan, join.left()), evaluation);
            case Step.Match match -> new MatchOperator(match.pattern(), evaluation, MatchOperator.Limits.DEFAULT, told);
            case Step step -> throw new IllegalArgumentException("a step without memory: " + step);
        };
    }

    private static Operator<?> aggregate(Step.Aggregate step, Evaluation evaluation) {
        var route = StepKeys.route(step);
        Evaluator[] keys = StepKeys.all(step.keys(), evaluation);
        Evaluator[] apart = StepKeys.all(StepKeys.rest(step.keys(), route), evaluation);
        Operator.Order anyOrder = isOrderFree(step.aggregates()) ? Operator.Order.ANY : Operator.Order.BY_TIME;
        List<Operator<?>> operators = new ArrayList<>();
        for (Step.NamedWindow named : step.windows()) {
            Rows kept = named.window() instanceof Window.Sliding ? Rows.COME_AND_GO : Rows.ONLY_COME;
            Accumulators accumulators = Accumulators.of(step.aggregates(), kept, evaluation);
            GroupRows rows = new GroupRows(accumulators, named.id().isEmpty() ? Value.Null.NULL : new Value.Text(named.id()));
            operators.add(switch (named.window()) {
                case Window.Tumbling(long size, long offset) ->
                    nested(apart, new GroupOperator(accumulators, keys, new PaneWindow(accumulators, size, size, offset), rows, anyOrder));
                case Window.Hopping(long size, long hop, long offset) ->
                    nested(apart, new GroupOperator(accumulators, keys, new PaneWindow(accumulators, size, hop, offset), rows, anyOrder));
                case Window.Sliding(long size) ->
                    nested(apart, new GroupOperator(accumulators, keys, new SlidingWindow(accumulators, size), rows, Operator.Order.BY_TIME));
                case Window.Snapshot _ ->
                    nested(apart, new GroupOperator(accumulators, keys, new SnapshotWindow(accumulators), rows, anyOrder));
                case Window.Session session ->
                    nested(StepKeys.all(StepKeys.rest(session.over(), route), evaluation),
                            new SessionOperator(accumulators, keys, rows, session.timeout(), session.maxDuration()));
            });
        }
        return operators.size() == 1 ? operators.getFirst() : new SeveralOperators(operators);
    }

    private static Operator<?> nested(Evaluator[] apart, Operator<?> each) {
        return apart.length == 0 ? each : new NestedOperator<>(apart, each);
    }

    private static boolean isOrderFree(List<AggregateCall> calls) {
        return calls.stream().allMatch(call -> call.declared() == AggregateCall.Declared.BUILT_IN
                && ORDER_FREE.contains(call.function().toLowerCase(Locale.ROOT)));
    }

    /// How much later than its events a row of a step may be: joined rows have the time of the latest of theirs.
    private static long delay(Plan plan, int id) {
        return switch (plan.steps().get(id)) {
            case Step.StreamJoin join -> {
                long after = Long.MAX_VALUE;
                long before = Long.MAX_VALUE;
                for (Step.TimeBound bound : join.bounds()) {
                    long unit = bound.unit().ticks();
                    after = Math.min(after, bound.high() == Long.MAX_VALUE ? Long.MAX_VALUE : (bound.high() + 1) * unit);
                    before = Math.min(before, bound.low() == Long.MIN_VALUE ? Long.MAX_VALUE : (1 - bound.low()) * unit);
                }
                long widest = Math.max(0, Math.max(after == Long.MAX_VALUE ? 0 : after, before == Long.MAX_VALUE ? 0 : before));
                yield delay(plan, join.left()) + widest;
            }
            case Step.Filter filter -> delay(plan, filter.from());
            case Step.Extend extend -> delay(plan, extend.from());
            case Step.Apply apply -> delay(plan, apply.from());
            case Step.Analytics analytics -> delay(plan, analytics.from());
            case Step.ReferenceJoin join -> delay(plan, join.left());
            case Step.Source _, Step.Reference _, Step.Project _, Step.Aggregate _, Step.Match _, Step.Union _ -> 0;
        };
    }
}
