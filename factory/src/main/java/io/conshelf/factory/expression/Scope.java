package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What an expression can see. An absent root, as each is unless a scope has it, does not exist where the expression stands.
public interface Scope {
    /// `pipeline()`: parameters, globalParameters, RunId and the rest in one object.
    default Optional<JsonNode> pipeline() {
        return Optional.empty();
    }

    default Optional<JsonNode> variable(String name) {
        return Optional.empty();
    }

    /// `activity('name')`: output, error, Status and times of an activity that has ended.
    default Optional<JsonNode> activity(String name) {
        return Optional.empty();
    }

    default Optional<JsonNode> item() {
        return Optional.empty();
    }

    default Optional<JsonNode> dataset() {
        return Optional.empty();
    }

    default Optional<JsonNode> linkedService() {
        return Optional.empty();
    }

    default Optional<JsonNode> trigger() {
        return Optional.empty();
    }

    default Optional<JsonNode> triggerBody() {
        return Optional.empty();
    }

    Clock clock();

    RandomGenerator random();
}
