package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A property of a policy.
///
/// @param standard what holds where it is left out, as JSON; nothing where it then stays out
/// @param problem  what is wrong with a value, as it goes on after the property's name
record PolicyField(String name, Optional<String> standard, Function<JsonNode, Optional<String>> problem) {

    static PolicyField of(String name, String standard, Function<JsonNode, Optional<String>> problem) {
        return new PolicyField(name, Optional.of(standard), problem);
    }

    static PolicyField optional(String name, Function<JsonNode, Optional<String>> problem) {
        return new PolicyField(name, Optional.empty(), problem);
    }

    static Function<JsonNode, Optional<String>> bool() {
        return value -> value.isBoolean() ? Optional.empty() : found("is true or false", value);
    }

    static Function<JsonNode, Optional<String>> text() {
        return value -> value.isTextual() ? Optional.empty() : found("is a string", value);
    }

    static Function<JsonNode, Optional<String>> object() {
        return value -> value.isObject() ? Optional.empty() : found("is a JSON object", value);
    }

    /// A part of the capacity policy: how much of something runs at once.
    static Function<JsonNode, Optional<String>> capacity() {
        return value -> {
            if (!value.isObject()) {
                return found("is a JSON object", value);
            }
            for (var part : value.properties()) {
                JsonNode given = part.getValue();
                Optional<String> problem = part.getKey().equals("ClusterMaximumConcurrentOperations")
                        ? whole(1, Integer.MAX_VALUE).apply(given)
                        : part.getKey().equals("CoreUtilizationCoefficient") && !(given.isNumber() && given.asDouble() > 0)
                                ? found("is a number greater than 0", given)
                                : Optional.empty();
                if (problem.isPresent()) {
                    return Optional.of("is not valid: " + part.getKey() + " " + problem.get());
                }
            }
            return Optional.empty();
        };
    }

    static Function<JsonNode, Optional<String>> list() {
        return value -> value.isArray() ? Optional.empty() : found("is a JSON array", value);
    }

    static Function<JsonNode, Optional<String>> number() {
        return value -> value.isNumber() ? Optional.empty() : found("is a number", value);
    }

    static Function<JsonNode, Optional<String>> numberOrNull(String meaning) {
        return value -> value.isNull() || value.isNumber() ? Optional.empty() : found("is " + meaning + " as a number", value);
    }

    static Function<JsonNode, Optional<String>> whole(int least, int most) {
        return value -> value.canConvertToInt() && value.isIntegralNumber() && value.asInt() >= least && value.asInt() <= most
                ? Optional.empty()
                : found("is a whole number between " + least + " and " + most, value);
    }

    static Function<JsonNode, Optional<String>> oneOf(String... texts) {
        return value -> List.of(texts).contains(value.asText())
                ? Optional.empty()
                : found("is one of " + String.join(", ", texts), value);
    }

    /// @param least as a timespan's text, as is `most`
    static Function<JsonNode, Optional<String>> span(String least, String most) {
        return value -> {
            var ticks = TimeSpanText.parse(value.asText());
            return ticks.isPresent()
                            && ticks.getAsLong() >= TimeSpanText.parse(least).orElseThrow()
                            && ticks.getAsLong() <= TimeSpanText.parse(most).orElseThrow()
                    ? Optional.empty()
                    : Optional.of("is between " + least + " and " + most + ", found " + value.asText());
        };
    }

    static Function<JsonNode, Optional<String>> moment() {
        return value -> DateTimeText.parse(value.asText()).isPresent() ? Optional.empty() : found("is a datetime", value);
    }

    static Function<JsonNode, Optional<String>> regularExpression() {
        return value -> {
            try {
                Pattern.compile(value.asText());
                return Optional.empty();
            } catch (PatternSyntaxException e) {
                return Optional.of("is a regular expression: " + e.getDescription() + " in " + value);
            }
        };
    }

    private static Optional<String> found(String wanted, JsonNode value) {
        return Optional.of(wanted + ", found " + value);
    }
}
