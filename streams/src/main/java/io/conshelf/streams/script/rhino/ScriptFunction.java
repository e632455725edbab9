package io.conshelf.streams.script.rhino;

import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.value.Value;
import java.util.List;
import java.util.function.UnaryOperator;

/// A scalar function. Arguments and result become of the types that the definition states where they can; else they stay what they are.
final class ScriptFunction implements JobFunctions.Scalar {
    private final Sandbox sandbox;
    private final List<UnaryOperator<Value>> inputs;
    private final UnaryOperator<Value> output;

    ScriptFunction(Definition definition, Sandbox sandbox) {
        this.sandbox = sandbox;
        this.inputs = definition.inputTypes().stream().map(ScriptFunction::as).toList();
        this.output = as(definition.outputType());
    }

    @Override
    public Value call(Value[] arguments) {
        Value[] typed = arguments.clone();
        for (int i = 0; i < typed.length && i < inputs.size(); i++) {
            typed[i] = inputs.get(i).apply(typed[i]);
        }
        return output.apply(sandbox.call(typed));
    }

    /// @param type as a definition names it; `any` and what is no type of the language leave values as they are
    static UnaryOperator<Value> as(String type) {
        return Expression.Type.named(type).<UnaryOperator<Value>>map(wanted -> value -> Conversions.cast(value, wanted).orElse(value))
                .orElse(UnaryOperator.identity());
    }
}
