package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import java.util.List;
import java.util.Map;

/// Runs one step over rows.
final class LocalSteps {
    private LocalSteps() {}

    /// As text: the time and the slots.
    static List<String> rows(Step step, List<Row> left, List<Row> right) {
        Plan plan = new Plan(List.of(source("left"), source("right"), step), List.of(new Plan.Output("output", 2, List.of(), Span.NONE)), 0);
        return new LocalRun(plan, Policies.DEFAULT, Evaluation.in(Context.DEFAULT), _ -> { })
                .rows(Map.of("left", arrivals(left), "right", arrivals(right)), Map.of()).get("output").stream().map(AnyHostTest::text).toList();
    }

    private static Step.Source source(String name) {
        return new Step.Source(name, List.of(), new Step.EventTime.Arrival(), Partitioning.NONE, Span.NONE);
    }

    private static LocalEvents arrivals(List<Row> rows) {
        return new LocalEvents(EventOrdering.Arrivals.TOLD, rows.stream().map(row -> new LocalEvents.Arrived(row.event(), row.ticks())).toList());
    }
}
