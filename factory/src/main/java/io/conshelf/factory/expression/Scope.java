package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// What an expression can see. An absent root is one that does not exist where the expression stands.
public interface Scope {
    /// `pipeline()`: parameters, globalParameters, RunId and the rest in one object.
    Optional<JsonNode> pipeline();

    Optional<JsonNode> variable(String name);

    /// `activity('name')`: output, error, Status and times of an activity that has ended.
    Optional<JsonNode> activity(String name);

    Optional<JsonNode> item();

    Optional<JsonNode> dataset();

    Optional<JsonNode> linkedService();

    Optional<JsonNode> trigger();

    Optional<JsonNode> triggerBody();

    Clock clock();

    RandomGenerator random();
}
