package io.conshelf.streams.operator;

import io.conshelf.streams.plan.Step;
import java.util.List;

/// Which steps a step reads: the number of an input is its place in the list.
public final class StepInputs {
    private StepInputs() {}

    /// The reference side of a join with reference data is among them, and is not an input of rows.
    public static List<Integer> of(Step step) {
        return switch (step) {
            case Step.Source _, Step.Reference _ -> List.of();
            case Step.Filter filter -> List.of(filter.from());
            case Step.Project project -> List.of(project.from());
            case Step.Extend extend -> List.of(extend.from());
            case Step.StreamJoin join -> List.of(join.left(), join.right());
            case Step.ReferenceJoin join -> List.of(join.left(), join.reference());
            case Step.Apply apply -> List.of(apply.from());
            case Step.Analytics analytics -> List.of(analytics.from());
            case Step.Aggregate aggregate -> List.of(aggregate.from());
            case Step.Match match -> List.of(match.from());
            case Step.Union union -> union.from();
        };
    }

    /// The stream inputs whose events come to the step.
    public static List<String> sources(List<Step> steps, int id) {
        return steps.get(id) instanceof Step.Source source ? List.of(source.input())
                : of(steps.get(id)).stream().flatMap(from -> sources(steps, from).stream()).distinct().toList();
    }
}
