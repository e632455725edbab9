package io.conshelf.factory;

import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.definition.Problem;
import java.time.Instant;

/// What happens during a run, told as it happens.
public sealed interface RunEvent {
    /// @param pipeline the pipeline's name
    record RunStarted(String pipeline, String runId, Instant at) implements RunEvent {}

    /// Something in a definition has no effect: a property that is not known. Told before the run starts.
    record Remarked(Problem remark) implements RunEvent {}

    record ActivityStarted(String activity, String type, String activityRunId, Instant at) implements RunEvent {}

    record ActivityProgressed(String activity, String activityRunId, ActivityContext.Progress progress) implements RunEvent {}

    /// An attempt at an activity has ended, or the activity was skipped.
    record ActivityEnded(ActivityRun run) implements RunEvent {}

    record RunEnded(RunRecord run) implements RunEvent {}
}
