package io.conshelf.factory;

import java.util.Optional;

/// Who starts a run, and from what.
///
/// @param invokedBy absent when a person does
/// @param recovery  what is taken over from an earlier run
public record Invocation(Optional<RunRecord.InvokedBy> invokedBy, Optional<Recovery> recovery) {
    public static final Invocation MANUAL = new Invocation(Optional.empty(), Optional.empty());
}
