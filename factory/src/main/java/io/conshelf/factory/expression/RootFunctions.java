package io.conshelf.factory.expression;

import static io.conshelf.factory.expression.Function.function;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.factory.expression.Function.Kind;
import java.util.List;
import java.util.Optional;

/// Where an expression begins: the run, its variables and activities, the item of a loop, the parameters of a resource, the trigger.
final class RootFunctions {
    static final List<Function> ALL = List.of(
            function("pipeline").gives(Kind.OBJECT).as(a -> root(a, a.scope().pipeline(), "in a pipeline")),
            function("item").as(a -> root(a, a.scope().item(), "inside a ForEach or Filter activity")),
            function("dataset").gives(Kind.OBJECT).as(a -> root(a, a.scope().dataset(), "in a dataset with parameters")),
            function("linkedService").gives(Kind.OBJECT).as(a -> root(a, a.scope().linkedService(), "in a linked service with parameters")),
            function("trigger").gives(Kind.OBJECT).as(a -> root(a, a.scope().trigger(), "in the parameters of a trigger")),
            function("triggerBody").gives(Kind.OBJECT).as(a -> root(a, a.scope().triggerBody(), "in the parameters of an event trigger")),
            function("variables").takes("name", Kind.STRING).as(a -> a.scope().variable(a.text(0))
                    .orElseThrow(() -> a.failure("found no variable '" + a.text(0) + "'"))),
            function("activity").takes("name", Kind.STRING).gives(Kind.OBJECT).as(a -> a.scope().activity(a.text(0))
                    .orElseThrow(() -> a.failure("cannot read '" + a.text(0) + "': it has not run, or this activity does not depend on it"))));

    private RootFunctions() {}

    private static JsonNode root(Arguments arguments, Optional<JsonNode> value, String where) {
        return value.orElseThrow(() -> arguments.failure("exists only " + where));
    }
}
