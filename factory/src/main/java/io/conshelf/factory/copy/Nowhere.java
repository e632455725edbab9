package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The scope of definitions that no pipeline runs.
record Nowhere() implements Scope {
    @Override
    public Optional<JsonNode> pipeline() {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> variable(String name) {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> activity(String name) {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> item() {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> dataset() {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> linkedService() {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> trigger() {
        return Optional.empty();
    }

    @Override
    public Optional<JsonNode> triggerBody() {
        return Optional.empty();
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public RandomGenerator random() {
        return RandomGenerator.getDefault();
    }
}
