package io.conshelf.factory.activity;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Parameter;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Activities that change the variables of a run, and what it returns.
final class VariableActivities {
    private static final int SHOWN_CHARACTERS = 200;
    private static final String RETURN_VALUE = "pipelineReturnValue";

    static final List<ActivityType> ALL = List.of(
            activity("SetVariable").needs("variableName").takesLazily("value").takes("setSystemVariable", ValueKind.FLAG)
                    .checks(VariableActivities::checkSet).runs(VariableActivities::set),
            activity("AppendVariable").needs("variableName").needs("value").runs(VariableActivities::append));

    private VariableActivities() {}

    private static boolean isReturn(Located properties) {
        return properties.at("setSystemVariable").flag().orElse(false);
    }

    private static void checkSet(Activity activity, Consumer<Problem> problems) {
        Located properties = activity.typeProperties();
        String name = properties.at("variableName").text("");
        if (isReturn(properties) && !name.equals(RETURN_VALUE)) {
            problems.accept(properties.at("variableName").problem("the only system variable is '" + RETURN_VALUE + "', found '" + name + "'"));
        }
        Pattern itself = Pattern.compile("variables\\s*\\(\\s*'" + Pattern.quote(name) + "'\\s*\\)", Pattern.CASE_INSENSITIVE);
        if (!isReturn(properties) && itself.matcher(properties.at("value").value().toString()).find()) {
            problems.accept(properties.at("value").problem("a SetVariable activity cannot read the variable it sets, '" + name + "'"));
        }
    }

    private static JsonNode set(ActivityContext context) throws ActivityFailure {
        Located value = context.activity().typeProperties().at("value");
        String name = context.properties().at("variableName").text("");
        if (isReturn(context.properties())) {
            return returnValues(context, value);
        }
        JsonNode resolved = value.isPresent() ? context.resolve(value) : NullNode.instance;
        Parameter variable = variable(context, name);
        if (!resolved.isNull() && !variable.accepts(resolved)) {
            throw ActivityFailure.user("VariableTypeMismatch", "The variable '" + name + "' is of type " + variable.type().title() + ", found " + shortened(resolved));
        }
        JsonNode converted = resolved.isNull() ? resolved : variable.convert(resolved);
        context.setVariable(name, converted);
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("name", name);
        output.set("value", converted);
        return output;
    }

    private static String shortened(JsonNode value) {
        String text = value.toString();
        return text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "…" : text;
    }

    private static Parameter variable(ActivityContext context, String name) throws ActivityFailure {
        for (Parameter variable : context.pipeline().variables().values()) {
            if (variable.name().equalsIgnoreCase(name)) {
                return variable;
            }
        }
        throw ActivityFailure.user("VariableNotFound", "The pipeline declares no variable '" + name + "'");
    }

    /// `[{"key": k, "value": {"type": t, "content": c}}]`, where the content of a list is again such values, and that of an
    /// object such pairs.
    private static JsonNode returnValues(ActivityContext context, Located values) throws ActivityFailure {
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("name", RETURN_VALUE);
        ObjectNode returned = output.putObject("value");
        for (Located entry : values.items()) {
            String key = entry.at("key").text("");
            JsonNode content = content(context, entry.at("value"));
            context.returnValue(key, content);
            returned.set(key, content);
        }
        return output;
    }

    private static JsonNode content(ActivityContext context, Located value) throws ActivityFailure {
        Located content = value.at("content");
        if (value.at("type").text("").equalsIgnoreCase("Array") && content.value().isArray()) {
            ArrayNode items = JsonNodeFactory.instance.arrayNode();
            for (Located item : content.items()) {
                items.add(item.at("content").isPresent() ? content(context, item) : context.resolve(item));
            }
            return items;
        }
        if (value.at("type").text("").equalsIgnoreCase("Object") && content.value().isArray()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (Located pair : content.items()) {
                object.set(pair.at("key").text(""), content(context, pair.at("value")));
            }
            return object;
        }
        return content.isPresent() ? context.resolve(content) : NullNode.instance;
    }

    private static JsonNode append(ActivityContext context) throws ActivityFailure {
        String name = context.properties().at("variableName").text("");
        Parameter variable = variable(context, name);
        if (variable.type() != Parameter.Type.ARRAY) {
            throw ActivityFailure.user("VariableTypeMismatch", "AppendVariable needs a variable of type Array; '" + name + "' is of type "
                    + variable.type().title());
        }
        context.appendVariable(name, context.properties().at("value").value());
        // The service does not show the value of an append.
        return JsonNodeFactory.instance.objectNode().put("name", name);
    }
}
