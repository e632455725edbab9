package io.conshelf.factory.expression;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Evaluates one conformance case: a JSON line with `kind`, `expression` and `context` in, a JSON line with `id` and `value`, or `error`, out.
public final class ExpressionEval {
    private static final JsonMapper JSON = JsonMapper.builder().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).build();

    private ExpressionEval() {}

    public static String answer(String line) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        try {
            JsonNode request = JSON.readTree(line);
            answer.set("id", request.path("id"));
            answer.set("value", evaluate(request));
        } catch (JsonProcessingException notJson) {
            answer.put("error", "the line is not JSON: " + notJson.getOriginalMessage());
        } catch (ExpressionException failure) {
            answer.put("error", failure.getMessage() + " (character " + (failure.at() + 1) + ")");
        } catch (StackOverflowError tooDeep) {
            answer.put("error", "the expression is nested too deeply");
        }
        return answer.toString();
    }

    private static JsonNode evaluate(JsonNode request) {
        String text = request.path("expression").asText();
        Evaluator evaluator = new Evaluator(new Context(request.path("context")));
        return switch (request.path("kind").asText("template")) {
            case "function", "value" -> evaluator.evaluate(Template.parseExpression(text, 0));
            case "template" -> evaluator.resolve(TextNode.valueOf(text));
            case String other -> throw new ExpressionException(0, "cases of kind '" + other + "' are not part of this suite");
        };
    }

    /// The scope a case describes.
    private record Context(JsonNode given) implements Scope {
        @Override
        public Optional<JsonNode> pipeline() {
            ObjectNode pipeline = JsonNodeFactory.instance.objectNode();
            if (given.get("pipeline") instanceof ObjectNode stated) {
                pipeline.setAll(stated);
            }
            if (given.has("parameters")) {
                pipeline.set("parameters", given.get("parameters"));
            }
            return Optional.of(pipeline);
        }

        @Override
        public Optional<JsonNode> variable(String name) {
            return Evaluator.member(given.path("variables"), name);
        }

        @Override
        public Optional<JsonNode> activity(String name) {
            return Evaluator.member(given.path("activities"), name);
        }

        @Override
        public Optional<JsonNode> item() {
            return Optional.ofNullable(given.get("item"));
        }

        @Override
        public Optional<JsonNode> dataset() {
            return Optional.ofNullable(given.get("dataset"));
        }

        @Override
        public Optional<JsonNode> linkedService() {
            return Optional.ofNullable(given.get("linkedService"));
        }

        @Override
        public Optional<JsonNode> trigger() {
            return Optional.ofNullable(given.get("trigger"));
        }

        @Override
        public Optional<JsonNode> triggerBody() {
            return Optional.ofNullable(given.get("triggerBody"));
        }

        @Override
        public Clock clock() {
            if (!given.has("utcNow")) {
                return Clock.systemUTC();
            }
            Instant now = OffsetDateTime.parse(given.get("utcNow").asText()).toInstant();
            return Clock.fixed(now, ZoneOffset.UTC);
        }

        @Override
        public RandomGenerator random() {
            return RandomGenerator.getDefault();
        }
    }
}
