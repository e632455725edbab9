package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/// What the parameters of a trigger see: the firing, and the factory.
///
/// @param firing  `trigger()`
/// @param body    `triggerBody()`: what an event says of itself; missing where there is none
record TriggerScope(Factory factory, ObjectNode firing, JsonNode body, Instant now) implements Scope {
    @Override
    public Optional<JsonNode> pipeline() {
        ObjectNode root = ServiceJson.MAPPER.createObjectNode().put("DataFactory", factory.name());
        ObjectNode globals = root.putObject("globalParameters");
        factory.globalParameters().values().forEach(global -> global.value().ifPresent(value -> globals.set(global.name(), value)));
        return Optional.of(root);
    }

    @Override
    public Optional<JsonNode> trigger() {
        return Optional.of(firing);
    }

    @Override
    public Optional<JsonNode> triggerBody() {
        return body.isMissingNode() ? Optional.empty() : Optional.of(body);
    }

    @Override
    public Clock clock() {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    @Override
    public RandomGenerator random() {
        return ThreadLocalRandom.current();
    }
}
