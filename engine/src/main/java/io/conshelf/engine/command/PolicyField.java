package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

    /// An object with these properties and no others.
    static Function<JsonNode, Optional<String>> objectOf(List<PolicyField> parts) {
        return value -> {
            if (!value.isObject()) {
                return found("is a JSON object", value);
            }
            for (var given : value.properties()) {
                var part = parts.stream().filter(p -> p.name().equalsIgnoreCase(given.getKey())).findFirst();
                var problem = part.isEmpty()
                        ? Optional.of("is unknown; known are " + String.join(", ", parts.stream().map(PolicyField::name).toList()))
                        : part.get().problem().apply(given.getValue());
                if (problem.isPresent()) {
                    return Optional.of("is not valid: " + given.getKey() + " " + problem.get());
                }
            }
            return Optional.empty();
        };
    }

    /// A part of the capacity policy: how much of something runs at once.
    static Function<JsonNode, Optional<String>> capacity() {
        return objectOf(List.of(
                optional("ClusterMaximumConcurrentOperations", whole(1, Integer.MAX_VALUE)),
                optional("ClusterMinimumConcurrentOperations", whole(0, Integer.MAX_VALUE)),
                optional("CoreUtilizationCoefficient",
                        value -> value.isNumber() && value.asDouble() > 0 ? Optional.empty() : found("is a number greater than 0", value)),
                optional("MinimumConcurrentOperationsPerNode", whole(0, Integer.MAX_VALUE)),
                optional("MaximumConcurrentOperationsPerNode", whole(0, Integer.MAX_VALUE)),
                optional("MaximumConcurrentOperationsPerDbAdmin", whole(0, Integer.MAX_VALUE)),
                optional("MaximumConcurrentOperationsPerCluster", whole(0, Integer.MAX_VALUE))));
    }

    /// Where merging looks for extents.
    static Function<JsonNode, Optional<String>> lookback() {
        var shape = objectOf(List.of(
                optional("Kind", oneOf("Default", "All", "HotCache", "Custom")),
                optional("CustomPeriod", value -> value.isNull() ? Optional.empty() : span("00:00:00", "365000.00:00:00").apply(value))));
        return value -> shape.apply(value).or(() -> value.path("Kind").asText().equals("Custom") && !value.path("CustomPeriod").isTextual()
                ? Optional.of("is not valid: Kind Custom needs a CustomPeriod") : Optional.empty());
    }

    /// A prefix of tags ends with its only colon.
    static Function<JsonNode, Optional<String>> tagPrefix() {
        return value -> value.isTextual() && value.textValue().matches("[^:]+:")
                ? Optional.empty() : found("is the beginning of tags up to their colon, such as \"drop-by:\"", value);
    }

    static Function<JsonNode, Optional<String>> list() {
        return value -> value.isArray() ? Optional.empty() : found("is a JSON array", value);
    }

    static Function<JsonNode, Optional<String>> numberOrNull(String meaning) {
        return value -> value.isNull() || value.isNumber() && value.asDouble() >= 0
                ? Optional.empty() : found("is " + meaning + ", a number that is not negative", value);
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
            var ticks = value.isTextual() ? TimeSpanText.parse(value.textValue()) : OptionalLong.empty();
            return ticks.isPresent()
                            && ticks.getAsLong() >= TimeSpanText.parse(least).orElseThrow()
                            && ticks.getAsLong() <= TimeSpanText.parse(most).orElseThrow()
                    ? Optional.empty()
                    : Optional.of("is between " + least + " and " + most + ", found " + value.asText());
        };
    }

    static Function<JsonNode, Optional<String>> moment() {
        return value -> value.isTextual() && DateTimeText.parse(value.textValue()).isPresent() ? Optional.empty() : found("is a datetime", value);
    }

    static Function<JsonNode, Optional<String>> regularExpression() {
        return value -> {
            if (!value.isTextual() || value.textValue().isEmpty()) {
                return found("is a regular expression", value);
            }
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
