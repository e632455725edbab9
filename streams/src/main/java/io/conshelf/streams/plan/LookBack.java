package io.conshelf.streams.plan;

import java.util.List;

/// How far before its first output a plan must read: what each step remembers, added along the steps.
final class LookBack {
    private LookBack() {}

    static long ticks(List<Step> steps, List<Plan.Output> outputs) {
        long[] of = new long[steps.size()];
        for (int i = 0; i < of.length; i++) {
            of[i] = ticks(steps.get(i), of);
        }
        return outputs.stream().mapToLong(output -> of[output.step()]).max().orElse(0);
    }

    private static long ticks(Step step, long[] of) {
        return switch (step) {
            case Step.Source _, Step.Reference _ -> 0;
            case Step.Filter filter -> of[filter.from()];
            case Step.Project project -> of[project.from()];
            case Step.Extend extend -> of[extend.from()];
            case Step.Apply apply -> of[apply.from()];
            case Step.ReferenceJoin join -> of[join.left()];
            case Step.StreamJoin join -> Math.max(of[join.left()], of[join.right()]) + span(join.bounds());
            case Step.Analytics analytics -> of[analytics.from()] + analytics.calls().stream().mapToLong(LookBack::ticks).max().orElse(0);
            case Step.Aggregate aggregate ->
                of[aggregate.from()] + aggregate.windows().stream().mapToLong(named -> ticks(named.window())).max().orElse(0);
            case Step.Match match -> of[match.from()] + match.pattern().limit();
            case Step.Union union -> union.from().stream().mapToLong(from -> of[from]).max().orElse(0);
        };
    }

    // Borders of units are counted, so two events may be up to a unit farther apart than the bound says.
    private static long span(List<Step.TimeBound> bounds) {
        long before = Long.MAX_VALUE;
        long after = Long.MAX_VALUE;
        for (Step.TimeBound bound : bounds) {
            if (bound.low() != Long.MIN_VALUE) {
                before = Math.min(before, (Math.max(0, -bound.low()) + 1) * bound.unit().ticks());
            }
            if (bound.high() != Long.MAX_VALUE) {
                after = Math.min(after, (Math.max(0, bound.high()) + 1) * bound.unit().ticks());
            }
        }
        return (before == Long.MAX_VALUE ? 0 : before) + (after == Long.MAX_VALUE ? 0 : after);
    }

    private static long ticks(AnalyticCall call) {
        return switch (call) {
            case AnalyticCall.Lag lag -> lag.limit();
            case AnalyticCall.Last last -> last.limit();
            case AnalyticCall.IsFirst first -> first.interval();
            case AnalyticCall.Over over -> over.limit();
            case AnalyticCall.Anomaly anomaly -> anomaly.limit();
        };
    }

    private static long ticks(Window window) {
        return switch (window) {
            case Window.Tumbling tumbling -> tumbling.size();
            case Window.Hopping hopping -> hopping.size();
            case Window.Sliding sliding -> sliding.size();
            // checked on a clock of its own length, a session lasts up to twice its maximum
            case Window.Session session -> 2 * session.maxDuration() + session.timeout();
            case Window.Snapshot _ -> 0;
        };
    }
}
