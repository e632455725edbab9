package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.engine.store.PolicyKind;

/// A policy: what commands call it, what its value looks like, and what comes of it.
///
/// @param keyword in commands' names: `IngestionBatching`
/// @param effect  for the page of commands
record PolicyFamily(PolicyKind kind, String keyword, PolicyShape shape, Check check, String effect) {
    static final String KEPT = "kept and shown, not acted on";

    /// What the shape cannot tell of a value.
    @FunctionalInterface
    interface Check {
        JsonNode checked(CommandContext context, JsonNode value);
    }

    PolicyFamily(PolicyKind kind, String keyword, PolicyShape shape, String effect) {
        this(kind, keyword, shape, (_, value) -> value, effect);
    }
}
