package io.conshelf.factory;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Factory;
import java.util.List;
import java.util.Set;

/// What is wrong with definitions.
///
/// @param problems every mistake; none of them runs
/// @param remarks  what runs and may surprise: properties without effect, and what the service would refuse
public record Validation(List<Problem> problems, List<Problem> remarks) {
    public Validation {
        problems = List.copyOf(problems);
        remarks = List.copyOf(remarks);
    }

    /// Checks everything a factory holds, used or not.
    public static Validation of(Factory factory) {
        return new Validator(factory, Set.of()).everything();
    }

    /// Checks a pipeline and what it refers to, through the pipelines it starts.
    public static Validation of(Factory factory, String pipeline) {
        return new Validator(factory, Set.of()).pipeline(pipeline);
    }

    public boolean isValid() {
        return problems.isEmpty();
    }

    /// `{"valid":…,"problems":[{"file","path","message"}],"remarks":[…]}`
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("valid", isValid());
        list(json.putArray("problems"), problems);
        list(json.putArray("remarks"), remarks);
        return json;
    }

    private static void list(ArrayNode list, List<Problem> problems) {
        problems.forEach(problem -> list.addObject().put("file", problem.file()).put("path", problem.path()).put("message", problem.message()));
    }
}
