package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.activity.ActivityContext;
import java.util.Optional;

/// What happens during a run, told as it happens.
public sealed interface RunEvent {
    /// The run waits for others of its pipeline to end.
    record RunQueued(RunRecord run) implements RunEvent {}

    record RunStarted(RunRecord run) implements RunEvent {}

    /// Something in a definition has no effect: a property that is not known. Told before the run starts.
    record Remarked(Problem remark) implements RunEvent {}

    /// An attempt at an activity starts.
    ///
    /// @param item the item of the loop it runs in, which tells it apart from others of its name; absent outside of loops, and where the
    ///             activity hides its input
    record ActivityStarted(ActivityRun run, Optional<JsonNode> item) implements RunEvent {}

    record ActivityProgressed(String pipelineRunId, String activityRunId, ActivityContext.Progress progress) implements RunEvent {}

    /// An attempt at an activity has ended, or the activity was skipped.
    record ActivityEnded(ActivityRun run) implements RunEvent {}

    record RunEnded(RunRecord run) implements RunEvent {}
}
