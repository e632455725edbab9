package io.conshelf.factory;

import java.util.Optional;
import java.util.UUID;

/// Who starts a run, and from what.
///
/// @param runId     of the run that is to start
/// @param invokedBy absent when a person does
/// @param recovery  what is taken over from an earlier run
public record Invocation(String runId, Optional<RunRecord.InvokedBy> invokedBy, Optional<Recovery> recovery) {
    /// By a person.
    public static Invocation manual() {
        return new Invocation(UUID.randomUUID().toString(), Optional.empty(), Optional.empty());
    }

    /// By a person, going on from an earlier run.
    public static Invocation recovering(Recovery recovery) {
        return new Invocation(UUID.randomUUID().toString(), Optional.empty(), Optional.of(recovery));
    }

    /// By a trigger, as the run that it has announced.
    public static Invocation announced(String runId, RunRecord.InvokedBy trigger) {
        return new Invocation(runId, Optional.of(trigger), Optional.empty());
    }
}
