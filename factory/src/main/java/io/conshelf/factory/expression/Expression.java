package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// The tree of one expression. `at` is the index of the node's first character in the string it was read from.
public sealed interface Expression {
    int at();

    record Literal(JsonNode value, int at) implements Expression {}

    record Call(String function, List<Expression> arguments, int at) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// `target.name`, or `target?.name`, which is null when the target or the property is missing.
    record Property(Expression target, String name, boolean isNullSafe, int at) implements Expression {}

    /// `target[index]`: an item of an array by number, a property of an object by name.
    record Index(Expression target, Expression index, boolean isNullSafe, int at) implements Expression {}
}
