package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.expression.Evaluator;
import io.conshelf.factory.expression.ExpressionException;
import io.conshelf.factory.expression.Scope;
import java.util.Map;

/// Evaluates the expressions inside a definition's value, and says where one fails.
public final class Resolver {
    private Resolver() {}

    public static JsonNode resolve(Located value, Scope scope) throws ActivityFailure {
        if (Evaluator.isExpression(value.value())) {
            return resolve(value.at("value"), scope);
        }
        if (value.value().isTextual()) {
            try {
                return new Evaluator(scope).resolve(value.value());
            } catch (ExpressionException failure) {
                throw ActivityFailure.user("InvalidTemplate", "The expression '" + shorten(value.text("")) + "' of '" + value.path()
                        + "' cannot be evaluated: " + failure.getMessage() + " (character " + (failure.at() + 1) + ")");
            }
        }
        if (value.value().isArray()) {
            ArrayNode array = JsonNodeFactory.instance.arrayNode();
            for (Located item : value.items()) {
                array.add(resolve(item, scope));
            }
            return array;
        }
        if (value.value().isObject()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, Located> property : value.properties()) {
                object.set(property.getKey(), resolve(property.getValue(), scope));
            }
            return object;
        }
        return value.value();
    }

    static Located resolved(Located value, Scope scope) throws ActivityFailure {
        return new Located(value.file(), value.path(), resolve(value, scope));
    }

    private static String shorten(String text) {
        return text.length() > 120 ? text.substring(0, 120) + "…" : text;
    }
}
