package io.conshelf.factory.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A declared parameter or variable.
///
/// @param value the default value, or the value of a global parameter
public record Parameter(String name, Type type, Optional<JsonNode> value, Located declaration) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public enum Type {
        STRING, INT, FLOAT, BOOL, ARRAY, OBJECT, SECURE_STRING;

        static Optional<Type> of(String name) {
            return Optional.ofNullable(switch (name.toLowerCase(Locale.ROOT)) {
                case "string" -> STRING;
                case "int", "integer" -> INT;
                case "float", "double" -> FLOAT;
                case "bool", "boolean" -> BOOL;
                case "array" -> ARRAY;
                case "object" -> OBJECT;
                case "securestring" -> SECURE_STRING;
                default -> null;
            });
        }

        public String title() {
            return this == SECURE_STRING ? "SecureString" : name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
        }
    }

    /// Reads a map of declarations; what cannot be read is reported to `problems`.
    public static Map<String, Parameter> readAll(Located declarations, Consumer<Problem> problems) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, Located> entry : declarations.properties()) {
            Located type = entry.getValue().at("type");
            Type known = Type.of(type.text("")).orElseGet(() -> {
                problems.accept(type.problem("the types are String, Int, Float, Bool, Array, Object and SecureString, found "
                        + (type.isPresent() ? type.value() : "none")));
                return Type.OBJECT;
            });
            Located value = entry.getValue().at("defaultValue").isPresent() ? entry.getValue().at("defaultValue") : entry.getValue().at("value");
            parameters.put(entry.getKey(), new Parameter(entry.getKey(), known, value.isPresent() ? Optional.of(value.value()) : Optional.empty(),
                    entry.getValue()));
        }
        return parameters;
    }

    /// The value that a text on a command line stands for, by the declared type.
    public JsonNode parse(String text) {
        try {
            return switch (type) {
                case STRING, SECURE_STRING -> TextNode.valueOf(text);
                case INT -> LongNode.valueOf(Long.parseLong(text.strip()));
                case FLOAT -> DecimalNode.valueOf(new BigDecimal(text.strip()));
                case BOOL -> {
                    if (!text.strip().matches("(?i)true|false")) {
                        throw new IllegalArgumentException();
                    }
                    yield BooleanNode.valueOf(Boolean.parseBoolean(text.strip()));
                }
                case ARRAY, OBJECT -> {
                    JsonNode parsed = JSON.readTree(text);
                    if (!accepts(parsed)) {
                        throw new IllegalArgumentException();
                    }
                    yield parsed;
                }
            };
        } catch (IllegalArgumentException | JsonProcessingException wrong) {
            throw new IllegalArgumentException("parameter '" + name + "' is of type " + type.title() + ", and '" + text + "' is not one", wrong);
        }
    }

    /// Whether a value fits the declared type. Text that reads as the type is accepted, as the service does.
    public boolean accepts(JsonNode given) {
        return switch (type) {
            case STRING, SECURE_STRING -> !given.isMissingNode();
            case INT -> given.isIntegralNumber() || given.isTextual() && given.textValue().strip().matches("[+-]?\\d+");
            case FLOAT -> given.isNumber() || given.isTextual() && given.textValue().strip().matches("[+-]?\\d*\\.?\\d+([eE][+-]?\\d+)?");
            case BOOL -> given.isBoolean() || given.isTextual() && given.textValue().strip().matches("(?i)true|false");
            case ARRAY -> given.isArray();
            case OBJECT -> !given.isMissingNode();
        };
    }

    /// The value as one of the declared type: a number in text becomes a number.
    public JsonNode convert(JsonNode given) {
        return switch (type) {
            case INT, FLOAT, BOOL -> given.isTextual() ? parse(given.textValue()) : given;
            // Arrays and objects become JSON text: a documented warning of the service.
            case STRING, SECURE_STRING -> given.isTextual() || given.isNull() ? given
                    : TextNode.valueOf(given.isContainerNode() ? given.toString() : given.asText());
            case ARRAY, OBJECT -> given;
        };
    }
}
