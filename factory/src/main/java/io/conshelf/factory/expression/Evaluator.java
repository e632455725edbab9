package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.BoundedText;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/// Evaluates expressions, templates and whole JSON values of a definition in one scope.
public final class Evaluator {
    private final Scope scope;

    public Evaluator(Scope scope) {
        this.scope = scope;
    }

    Scope scope() {
        return scope;
    }

    /// Evaluates every expression inside a JSON value: strings by the template rules, `{"type":"Expression","value":…}` objects as their value.
    public JsonNode resolve(JsonNode definition) {
        JsonNode resolved = resolved(definition);
        if (resolved.isContainerNode()) {
            ValueBound.complaint(resolved).ifPresent(complaint -> {
                throw new ExpressionException(0, "the expression " + complaint);
            });
        }
        return resolved;
    }

    private JsonNode resolved(JsonNode definition) {
        return switch (definition) {
            case TextNode text -> evaluate(Template.parse(text.textValue()));
            case ArrayNode array -> {
                ArrayNode result = JsonNodeFactory.instance.arrayNode(array.size());
                array.forEach(item -> result.add(resolved(item)));
                yield result;
            }
            case ObjectNode object when isExpression(object) -> resolved(object.get("value"));
            case ObjectNode object -> {
                ObjectNode result = JsonNodeFactory.instance.objectNode();
                object.properties().forEach(property -> result.set(property.getKey(), resolved(property.getValue())));
                yield result;
            }
            default -> definition;
        };
    }

    /// True for the object form in which the authoring UI writes expressions.
    public static boolean isExpression(JsonNode value) {
        return value.isObject() && value.path("type").asText().equalsIgnoreCase("Expression") && value.path("value").isTextual();
    }

    public JsonNode evaluate(Template template) {
        return switch (template) {
            case Template.Literal(String text) -> TextNode.valueOf(text);
            case Template.Whole(Expression expression) -> evaluate(expression);
            case Template.Interpolation(var parts) -> {
                BoundedText text = new BoundedText(message -> new ExpressionException(0, "the interpolation " + message));
                for (Template.Part part : parts) {
                    switch (part) {
                        case Template.Part.Text(String literal) -> text.append(literal);
                        case Template.Part.Embedded(Expression expression) -> text.append(text(evaluate(expression)));
                    }
                }
                yield TextNode.valueOf(text.toString());
            }
        };
    }

    public JsonNode evaluate(Expression expression) {
        return switch (expression) {
            case Expression.Literal(JsonNode value, int _) -> value;
            case Expression.Call call -> call(call);
            case Expression.Property(Expression target, String name, boolean isNullSafe, int at) -> property(evaluate(target), name, isNullSafe, at);
            case Expression.Index(Expression target, Expression index, boolean isNullSafe, int at) ->
                    index(evaluate(target), evaluate(index), isNullSafe, at);
        };
    }

    private JsonNode call(Expression.Call call) {
        Function function = Functions.find(call.function()).orElseThrow(() -> Checker.unknownFunction(call));
        Checker.argumentCount(function, call).ifPresent(problem -> {
            throw problem;
        });
        return function.body().evaluate(new Arguments(function, call, this));
    }

    private static JsonNode property(JsonNode target, String name, boolean isNullSafe, int at) {
        Optional<JsonNode> value = member(target, name);
        if (value.isPresent()) {
            return value.get();
        }
        if (isNullSafe && (target.isNull() || target.isObject())) {
            return NullNode.instance;
        }
        if (target.isObject()) {
            throw new ExpressionException(at, "property '" + name + "' doesn't exist, available properties are " + names(target));
        }
        throw new ExpressionException(at, "property '" + name + "' cannot be read from " + Arguments.describe(target) + "; use ?. to allow a missing value");
    }

    private static JsonNode index(JsonNode target, JsonNode index, boolean isNullSafe, int at) {
        if (index.isTextual()) {
            return property(target, index.textValue(), isNullSafe, at);
        }
        if (target.isNull() && isNullSafe) {
            return NullNode.instance;
        }
        if (!index.isIntegralNumber()) {
            throw new ExpressionException(at, "an index is an integer or a property name, found " + Arguments.describe(index));
        }
        if (!target.isArray()) {
            throw new ExpressionException(at, "item " + index + " cannot be read from " + Arguments.describe(target));
        }
        long position = index.longValue();
        if (position < 0 || position >= target.size()) {
            if (isNullSafe) {
                return NullNode.instance;
            }
            throw new ExpressionException(at, "index " + position + " is outside the array of " + target.size() + " items");
        }
        return target.get((int) position);
    }

    /// A property by name; where the exact name is missing, one that differs in case only.
    static Optional<JsonNode> member(JsonNode object, String name) {
        if (!object.isObject()) {
            return Optional.empty();
        }
        JsonNode exact = object.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (field.getKey().equalsIgnoreCase(name)) {
                return Optional.of(field.getValue());
            }
        }
        return Optional.empty();
    }

    private static String names(JsonNode object) {
        StringBuilder names = new StringBuilder();
        object.fieldNames().forEachRemaining(name -> names.append(names.isEmpty() ? "'" : ", '").append(name).append('\''));
        return names.isEmpty() ? "none" : names.toString();
    }

    /// A value inside text. The service prints booleans as .NET does, null as nothing, and arrays and objects as compact JSON.
    public static String text(JsonNode value) {
        return switch (Function.Kind.of(value)) {
            case STRING -> value.asText();
            case NULL -> "";
            case BOOLEAN -> value.booleanValue() ? "True" : "False";
            case INTEGER -> value.asText();
            case FLOAT -> MathFunctions.text(value.doubleValue());
            case ARRAY, OBJECT -> value.toString();
        };
    }
}
