package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The running pipeline's scope, seen from inside a dataset or linked service with parameters. Articles use `pipeline()` there too.
record ResourceScope(Scope run, Optional<JsonNode> dataset, Optional<JsonNode> linkedService) implements Scope {
    static ResourceScope ofDataset(Scope run, JsonNode parameters) {
        return new ResourceScope(run, Optional.of(parameters), Optional.empty());
    }

    static ResourceScope ofLinkedService(Scope run, JsonNode parameters) {
        return new ResourceScope(run, Optional.empty(), Optional.of(parameters));
    }

    @Override
    public Optional<JsonNode> pipeline() {
        return run.pipeline();
    }

    @Override
    public Optional<JsonNode> variable(String name) {
        return run.variable(name);
    }

    @Override
    public Optional<JsonNode> activity(String name) {
        return run.activity(name);
    }

    @Override
    public Optional<JsonNode> item() {
        return run.item();
    }

    @Override
    public Optional<JsonNode> trigger() {
        return run.trigger();
    }

    @Override
    public Optional<JsonNode> triggerBody() {
        return run.triggerBody();
    }

    @Override
    public Clock clock() {
        return run.clock();
    }

    @Override
    public RandomGenerator random() {
        return run.random();
    }
}
