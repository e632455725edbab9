package io.conshelf.connectors.definition;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The expressions of ARM templates: `[concat(parameters('a'), '/b')]`.
final class ArmExpressions {
    private static final String KNOWN = "parameters, variables, concat, format, resourceId, resourceGroup, subscription, string, json, toLower, toUpper, "
            + "trim, replace, uniqueString, guid, split, first, last, if, equals, not, and, or, empty, coalesce, createArray, createObject";

    private static final Pattern PARAMETER = Pattern.compile("\\[\\s*parameters\\s*\\(\\s*'([^']+)'\\s*\\)\\s*]", Pattern.CASE_INSENSITIVE);

    private final Located root;
    private final Map<String, JsonNode> given;
    private final Missing missing;
    // A variable that reads itself would never end.
    private final Set<String> open = new HashSet<>();

    /// @param root  the template
    /// @param given the values of its parameters, by names in lower case
    ArmExpressions(Located root, Map<String, JsonNode> given) {
        this(root, given, Missing.ABSENT);
    }

    private ArmExpressions(Located root, Map<String, JsonNode> given, Missing missing) {
        this.root = root;
        this.given = given;
        this.missing = missing;
    }

    /// What a parameter without a value is.
    private enum Missing {
        ABSENT,
        /// Its own name: which factory a template goes to does not matter here.
        ITS_NAME
    }

    /// The same expressions as the names of resources read them.
    ArmExpressions inNames() {
        return new ArmExpressions(root, given, Missing.ITS_NAME);
    }

    /// The value of a text: evaluated where it is an expression. Empty where it is a parameter without a value.
    Optional<JsonNode> value(String text) {
        if (text.startsWith("[[")) {
            return Optional.of(TextNode.valueOf(text.substring(1)));
        }
        if (!text.startsWith("[") || !text.endsWith("]")) {
            return Optional.of(TextNode.valueOf(text));
        }
        ArmExpression expression = ArmExpression.parse(text);
        if (expression instanceof ArmExpression.Call call && call.function().equalsIgnoreCase("parameters")) {
            return parameter(name(call));
        }
        return readsElsewhere(expression) ? Optional.empty() : Optional.of(evaluate(expression));
    }

    /// The secure parameter that a text stands for.
    Optional<String> secret(String text) {
        Matcher parameter = PARAMETER.matcher(text);
        return parameter.matches() && root.at("parameters").at(parameter.group(1)).at("type").text("").toLowerCase(Locale.ROOT).startsWith("secure")
                ? Optional.of(parameter.group(1)) : Optional.empty();
    }

    /// Whether an expression asks a deployed resource, for its keys most of the time.
    private static boolean readsElsewhere(ArmExpression expression) {
        return switch (expression) {
            case ArmExpression.Literal _ -> false;
            case ArmExpression.Property(ArmExpression target, String _, int _) -> readsElsewhere(target);
            case ArmExpression.Index(ArmExpression target, ArmExpression index, int _) -> readsElsewhere(target) || readsElsewhere(index);
            case ArmExpression.Call call -> call.function().toLowerCase(Locale.ROOT).startsWith("list") || call.function().equalsIgnoreCase("reference")
                    || call.arguments().stream().anyMatch(ArmExpressions::readsElsewhere);
        };
    }

    /// The value of a parameter, or its default.
    Optional<JsonNode> parameter(String name) {
        JsonNode stated = given.get(name.toLowerCase(Locale.ROOT));
        if (stated != null) {
            return Optional.of(stated);
        }
        Located declaration = root.at("parameters").at(name);
        if (!declaration.isPresent()) {
            throw new ArmException(0, "the template has no parameter '" + name + "'");
        }
        Located otherwise = declaration.at("defaultValue");
        if (otherwise.value().isMissingNode() && missing == Missing.ITS_NAME) {
            return Optional.of(TextNode.valueOf(name));
        }
        return otherwise.value().isMissingNode() ? Optional.empty() : nested("parameter " + name, otherwise.value());
    }

    private Optional<JsonNode> nested(String what, JsonNode stated) {
        if (!open.add(what.toLowerCase(Locale.ROOT))) {
            throw new ArmException(0, "the " + what + " reads itself");
        }
        try {
            return deep(stated);
        } finally {
            open.remove(what.toLowerCase(Locale.ROOT));
        }
    }

    private Optional<JsonNode> deep(JsonNode stated) {
        if (stated.isTextual()) {
            return value(stated.textValue());
        }
        if (stated.isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            stated.forEach(item -> deep(item).ifPresent(array::add));
            return Optional.of(array);
        }
        if (stated.isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            stated.properties().forEach(property -> deep(property.getValue()).ifPresent(value -> object.set(property.getKey(), value)));
            return Optional.of(object);
        }
        return Optional.of(stated);
    }

    private String name(ArmExpression.Call call) {
        if (call.arguments().size() != 1) {
            throw new ArmException(call.at(), "'" + call.function() + "' takes one name");
        }
        return text(call.arguments().getFirst());
    }

    private String text(ArmExpression expression) {
        return textOf(evaluate(expression));
    }

    private JsonNode evaluate(ArmExpression expression) {
        return switch (expression) {
            case ArmExpression.Literal(JsonNode value, int _) -> value;
            case ArmExpression.Call call -> call(call);
            case ArmExpression.Property(ArmExpression target, String name, int at) -> member(evaluate(target), name, at);
            case ArmExpression.Index(ArmExpression target, ArmExpression index, int at) -> {
                JsonNode position = evaluate(index);
                JsonNode from = evaluate(target);
                if (position.isTextual()) {
                    yield member(from, position.textValue(), at);
                }
                if (!from.isArray() || !position.isIntegralNumber() || !from.has(position.intValue())) {
                    throw new ArmException(at, "there is no item " + position + " in " + from.getNodeType());
                }
                yield from.get(position.intValue());
            }
        };
    }

    private static JsonNode member(JsonNode object, String name, int at) {
        JsonNode value = new Located("", "", object).at(name).value();
        if (value.isMissingNode()) {
            throw new ArmException(at, "there is no property '" + name + "'");
        }
        return value;
    }

    private JsonNode call(ArmExpression.Call call) {
        List<ArmExpression> arguments = call.arguments();
        return switch (call.function().toLowerCase(Locale.ROOT)) {
            case "parameters" -> parameter(name(call)).orElseThrow(() ->
                    new ArmException(call.at(), "the template parameter '" + name(call) + "' has no value; give one"));
            case "variables" -> variable(call);
            case "concat" -> concat(call, arguments.stream().map(this::evaluate).toList());
            case "format" -> format(call);
            case "resourceid", "subscriptionresourceid", "extensionresourceid" -> TextNode.valueOf(resourceId(call));
            case "resourcegroup" -> JsonNodeFactory.instance.objectNode().put("name", "local").put("location", "local")
                    .put("id", "/subscriptions/local/resourceGroups/local");
            case "subscription" -> JsonNodeFactory.instance.objectNode().put("subscriptionId", "local").put("tenantId", "local")
                    .put("id", "/subscriptions/local").put("displayName", "local");
            case "string" -> TextNode.valueOf(text(argument(call, 0)));
            case "json" -> json(call);
            case "tolower" -> TextNode.valueOf(text(argument(call, 0)).toLowerCase(Locale.ROOT));
            case "toupper" -> TextNode.valueOf(text(argument(call, 0)).toUpperCase(Locale.ROOT));
            case "trim" -> TextNode.valueOf(text(argument(call, 0)).strip());
            case "replace" -> TextNode.valueOf(replace(call, text(argument(call, 0)), text(argument(call, 1)), text(argument(call, 2))));
            case "uniquestring" -> TextNode.valueOf(Integer.toUnsignedString(arguments.stream().map(this::text).toList().hashCode(), 36));
            case "guid" -> TextNode.valueOf(UUID.nameUUIDFromBytes(guidName(call).getBytes(StandardCharsets.UTF_8)).toString());
            case "split" -> strings(List.of(text(argument(call, 0)).split(Pattern.quote(text(argument(call, 1))), -1)));
            case "first" -> end(evaluate(argument(call, 0)), 0, call.at());
            case "last" -> end(evaluate(argument(call, 0)), -1, call.at());
            case "if" -> evaluate(argument(call, evaluate(argument(call, 0)).asBoolean() ? 1 : 2));
            case "equals" -> BooleanNode.valueOf(same(evaluate(argument(call, 0)), evaluate(argument(call, 1))));
            case "not" -> BooleanNode.valueOf(!evaluate(argument(call, 0)).asBoolean());
            case "and" -> BooleanNode.valueOf(arguments.stream().allMatch(each -> evaluate(each).asBoolean()));
            case "or" -> BooleanNode.valueOf(arguments.stream().anyMatch(each -> evaluate(each).asBoolean()));
            case "empty" -> BooleanNode.valueOf(isEmpty(evaluate(argument(call, 0))));
            case "coalesce" -> arguments.stream().map(this::evaluate).filter(value -> !value.isNull()).findFirst()
                    .orElse(JsonNodeFactory.instance.nullNode());
            case "createarray" -> JsonNodeFactory.instance.arrayNode().addAll(arguments.stream().map(this::evaluate).toList());
            case "createobject" -> object(call);
            default -> throw new ArmException(call.at(), "the template function '" + call.function() + "' is not supported; there are " + KNOWN);
        };
    }

    private static ArmExpression argument(ArmExpression.Call call, int index) {
        if (index >= call.arguments().size()) {
            throw new ArmException(call.at(), "'" + call.function() + "' needs " + (index + 1) + " arguments");
        }
        return call.arguments().get(index);
    }

    private JsonNode variable(ArmExpression.Call call) {
        String name = name(call);
        Located stated = root.at("variables").at(name);
        if (stated.value().isMissingNode()) {
            throw new ArmException(call.at(), "the template has no variable '" + name + "'");
        }
        return nested("variable " + name, stated.value()).orElseThrow(() ->
                new ArmException(call.at(), "the template variable '" + name + "' has no value"));
    }

    private static JsonNode concat(ArmExpression.Call call, List<JsonNode> parts) {
        if (!parts.isEmpty() && parts.stream().allMatch(JsonNode::isArray)) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            parts.forEach(part -> part.forEach(all::add));
            return all;
        }
        BoundedText text = bounded(call);
        parts.forEach(part -> text.append(textOf(part)));
        return TextNode.valueOf(text.toString());
    }

    private static BoundedText bounded(ArmExpression.Call call) {
        return new BoundedText(message -> new ArmException(call.at(), "'" + call.function() + "' " + message));
    }

    private static String replace(ArmExpression.Call call, String text, String words, String others) {
        if (words.isEmpty()) {
            throw new ArmException(call.at(), "'replace' cannot replace an empty text");
        }
        return bounded(call).appendReplacing(text, words, others).toString();
    }

    private String guidName(ArmExpression.Call call) {
        BoundedText name = bounded(call);
        for (int i = 0; i < call.arguments().size(); i++) {
            name.append(i == 0 ? "" : "-").append(text(call.arguments().get(i)));
        }
        return name.toString();
    }

    private JsonNode format(ArmExpression.Call call) {
        String text = text(argument(call, 0));
        for (int i = 1; i < call.arguments().size(); i++) {
            text = replace(call, text, "{" + (i - 1) + "}", text(call.arguments().get(i)));
        }
        return TextNode.valueOf(text);
    }

    /// The type's steps, each followed by a name; subscription and group in front are taken as they are.
    private String resourceId(ArmExpression.Call call) {
        List<String> texts = call.arguments().stream().map(this::text).toList();
        int type = 0;
        while (type < texts.size() && !texts.get(type).contains("/")) {
            type++;
        }
        if (type == texts.size()) {
            throw new ArmException(0, "'resourceId' needs a type, such as 'Microsoft.DataFactory/factories'");
        }
        String[] steps = texts.get(type).split("/", -1);
        BoundedText id = bounded(call).append("/subscriptions/").append(type > 1 ? texts.get(type - 2) : "local")
                .append("/resourceGroups/").append(type > 0 ? texts.get(type - 1) : "local").append("/providers/").append(steps[0]);
        for (int i = 1; i < steps.length; i++) {
            id.append("/").append(steps[i]);
            if (type + i < texts.size()) {
                id.append("/").append(texts.get(type + i));
            }
        }
        return id.toString();
    }

    private JsonNode json(ArmExpression.Call call) {
        try {
            JsonNode read = DefinitionText.read(text(argument(call, 0)), Reading.STRICT);
            if (read.isMissingNode()) {
                throw new ArmException(call.at(), "'json' expects JSON text, found none");
            }
            return read;
        } catch (JsonProcessingException notJson) {
            throw new ArmException(call.at(), "'json' expects JSON text: " + notJson.getOriginalMessage());
        }
    }

    private JsonNode object(ArmExpression.Call call) {
        if (call.arguments().size() % 2 != 0) {
            throw new ArmException(call.at(), "'createObject' takes names and values in turn");
        }
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < call.arguments().size(); i += 2) {
            object.set(text(call.arguments().get(i)), evaluate(call.arguments().get(i + 1)));
        }
        return object;
    }

    private static JsonNode end(JsonNode value, int from, int at) {
        if (!value.isTextual() && !value.isArray()) {
            throw new ArmException(at, "'first' and 'last' take text or an array, found " + value.getNodeType());
        }
        int size = value.isTextual() ? value.textValue().length() : value.size();
        if (size == 0) {
            throw new ArmException(at, "there is no first or last of nothing");
        }
        int index = from < 0 ? size - 1 : 0;
        return value.isTextual() ? TextNode.valueOf(value.textValue().substring(index, index + 1)) : value.get(index);
    }

    // Text is compared whatever its case, as templates do.
    private static boolean same(JsonNode left, JsonNode right) {
        if (left.isNumber() && right.isNumber() && Double.isFinite(left.doubleValue()) && Double.isFinite(right.doubleValue())) {
            return left.decimalValue().compareTo(right.decimalValue()) == 0;
        }
        return left.isTextual() && right.isTextual() ? left.textValue().equalsIgnoreCase(right.textValue()) : left.equals(right);
    }

    private static String textOf(JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> "";
            case BOOLEAN -> value.booleanValue() ? "True" : "False";
            case ARRAY, OBJECT -> value.toString();
            case STRING, NUMBER, BINARY, POJO -> value.asText();
        };
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isNull() || (value.isTextual() ? value.textValue().isEmpty() : value.isContainerNode() && value.isEmpty());
    }

    private static JsonNode strings(List<String> texts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        texts.forEach(array::add);
        return array;
    }
}
