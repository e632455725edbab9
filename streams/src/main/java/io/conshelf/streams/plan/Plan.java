package io.conshelf.streams.plan;

import java.io.Serializable;
import java.util.List;

/// A compiled query: its steps, each after those it reads, and where their rows go.
///
/// @param steps         `steps.get(id)` is the step of this id
/// @param lookBackTicks how far before the first output a job must read: windows, LIMIT DURATION and join bounds, added along the steps
public record Plan(List<Step> steps, List<Output> outputs, long lookBackTicks) implements Serializable {
    public Plan {
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }

    /// @param name as the query spells it, `output` where it names none
    /// @param step whose rows, of one record each, go there
    public record Output(String name, int step) implements Serializable {}
}
