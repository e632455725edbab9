package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.command.CommandMatch;
import java.util.List;
import java.util.Optional;

/// What the value of a policy looks like, and how a command's text becomes one.
sealed interface PolicyShape {
    ObjectMapper MAPPER = new ObjectMapper();

    /// One JSON object. What `.alter` leaves out takes its default, what `.alter-merge` leaves out stays.
    record Fields(List<PolicyField> fields) implements PolicyShape {}

    /// A JSON array of objects. `.alter-merge` adds to it.
    record Elements(List<PolicyField> fields) implements PolicyShape {}

    /// Said in words instead of JSON.
    record Words(WordReader reader) implements PolicyShape {}

    @FunctionalInterface
    interface WordReader {
        JsonNode read(CommandMatch match, Optional<JsonNode> current);
    }

    /// The value that a command sets.
    ///
    /// @param current what `.alter-merge` goes on from; nothing for `.alter`
    default JsonNode read(PolicyKind kind, CommandMatch match, Optional<String> current) {
        return switch (this) {
            case Words(WordReader reader) -> reader.read(match, current.map(text -> parsed(kind, text)));
            case Fields(List<PolicyField> fields) -> {
                var value = current.map(text -> object(kind, parsed(kind, text))).orElseGet(MAPPER::createObjectNode);
                yield filled(kind, fields, value, object(kind, given(kind, match)));
            }
            case Elements(List<PolicyField> fields) -> {
                var all = current.map(text -> array(kind, parsed(kind, text))).orElseGet(MAPPER::createArrayNode);
                for (var element : array(kind, given(kind, match))) {
                    all.add(filled(kind, fields, MAPPER.createObjectNode(), object(kind, element)));
                }
                yield all;
            }
        };
    }

    /// The one string of the command, or the words that stand for it.
    private static JsonNode given(PolicyKind kind, CommandMatch match) {
        var value = MAPPER.createObjectNode();
        match.find("Status").ifPresent(a -> value.put("IsEnabled", a.text().equals("enable")));
        match.find("SoftDeleteValue").ifPresent(a -> value.put("SoftDeletePeriod", PolicyFamilies.periodText(kind, a.text())));
        match.find("RecoverabilityValue").ifPresent(a -> value.put(
                "Recoverability", a.text().equalsIgnoreCase("enabled") ? "Enabled" : "Disabled"));
        return value.isEmpty()
                ? match.arguments().stream().filter(a -> a.kind().equals("string")).findFirst()
                        .map(a -> parsed(kind, a.text())).orElseThrow()
                : value;
    }

    /// A truth value may stand in quotes: the connector of Spark writes it so.
    private static JsonNode truth(PolicyField field, JsonNode given) {
        if (!given.isTextual() || !given.asText().equalsIgnoreCase("true") && !given.asText().equalsIgnoreCase("false")) {
            return given;
        }
        var meant = BooleanNode.valueOf(given.asText().equalsIgnoreCase("true"));
        return field.problem().apply(given).isPresent() && field.problem().apply(meant).isEmpty() ? meant : given;
    }

    /// What is given laid over what is there, and the defaults under both.
    private static ObjectNode filled(PolicyKind kind, List<PolicyField> fields, ObjectNode there, ObjectNode given) {
        var values = there.deepCopy();
        for (var property : given.properties()) {
            var field = fields.stream().filter(f -> f.name().equalsIgnoreCase(property.getKey())).findFirst()
                    .orElseThrow(() -> bad(kind, "unknown property '" + property.getKey() + "'; known are "
                            + String.join(", ", fields.stream().map(PolicyField::name).toList())));
            var value = truth(field, property.getValue());
            field.problem().apply(value).ifPresent(problem -> {
                throw bad(kind, field.name() + " " + problem);
            });
            values.set(field.name(), value);
        }
        var ordered = MAPPER.createObjectNode();
        for (var field : fields) {
            if (values.has(field.name())) {
                ordered.set(field.name(), values.get(field.name()));
            } else {
                field.standard().ifPresent(text -> ordered.set(field.name(), parsed(kind, text)));
            }
        }
        return ordered;
    }

    /// A policy that does not stand in the command's text by itself.
    default String checked(PolicyKind kind, JsonNode given) {
        return switch (this) {
            case Words _ -> throw new AssertionError(kind + " is said in words");
            case Elements(List<PolicyField> fields) -> filled(kind, fields, MAPPER.createObjectNode(), object(kind, given)).toString();
            case Fields(List<PolicyField> fields) -> filled(kind, fields, MAPPER.createObjectNode(), object(kind, given)).toString();
        };
    }

    static JsonNode parsed(PolicyKind kind, String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw new KustoException(StorageErrors.badPolicy(
                    kind.kustoName(), "the text is not JSON: " + e.getOriginalMessage()), e);
        }
    }

    private static ObjectNode object(PolicyKind kind, JsonNode json) {
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw bad(kind, "expected a JSON object, found " + json);
    }

    private static ArrayNode array(PolicyKind kind, JsonNode json) {
        if (json instanceof ArrayNode array) {
            return array.deepCopy();
        }
        throw bad(kind, "expected a JSON array, found " + json);
    }

    private static KustoException bad(PolicyKind kind, String problem) {
        return new KustoException(StorageErrors.badPolicy(kind.kustoName(), problem));
    }
}
