package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// What expressions of a running pipeline see. Loops and branches have a scope inside the one around them.
final class RunScope implements Scope {
    private final ObjectNode pipeline;
    private final Function<String, Optional<JsonNode>> variables;
    private final Clock clock;
    private final Optional<RunScope> outer;
    private final Optional<JsonNode> item;
    private final Map<String, JsonNode> activities = new ConcurrentHashMap<>();

    private RunScope(ObjectNode pipeline, Function<String, Optional<JsonNode>> variables, Clock clock, Optional<RunScope> outer, Optional<JsonNode> item) {
        this.pipeline = pipeline;
        this.variables = variables;
        this.clock = clock;
        this.outer = outer;
        this.item = item;
    }

    static RunScope of(ObjectNode pipeline, Function<String, Optional<JsonNode>> variables, Clock clock) {
        return new RunScope(pipeline, variables, clock, Optional.empty(), Optional.empty());
    }

    RunScope inside(Optional<JsonNode> item) {
        return new RunScope(pipeline, variables, clock, Optional.of(this), item);
    }

    void ended(String activity, JsonNode result) {
        activities.put(activity, result);
    }

    /// Takes over what ended inside a loop or branch: activities behind it read it.
    void adopt(RunScope inner) {
        activities.putAll(inner.activities);
    }

    @Override
    public Optional<JsonNode> pipeline() {
        return Optional.of(pipeline);
    }

    @Override
    public Optional<JsonNode> variable(String name) {
        return variables.apply(name);
    }

    @Override
    public Optional<JsonNode> activity(String name) {
        // As validation does. Of two names that differ by case only, the one that is spelt so is meant.
        return ended(name::equals).or(() -> ended(name::equalsIgnoreCase));
    }

    private Optional<JsonNode> ended(Predicate<String> isMeant) {
        return activities.entrySet().stream().filter(activity -> isMeant.test(activity.getKey())).map(Map.Entry::getValue).findFirst()
                .or(() -> outer.flatMap(scope -> scope.ended(isMeant)));
    }

    @Override
    public Optional<JsonNode> item() {
        return item.or(() -> outer.flatMap(RunScope::item));
    }

    @Override
    public Clock clock() {
        return clock;
    }

    @Override
    public RandomGenerator random() {
        return RandomGenerator.getDefault();
    }
}
