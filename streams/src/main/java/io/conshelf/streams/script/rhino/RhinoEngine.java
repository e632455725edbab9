package io.conshelf.streams.script.rhino;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.script.ScriptEngine;
import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.value.Compatibility;
import java.util.List;

/// Rhino, with an interpreter that counts.
public final class RhinoEngine implements ScriptEngine {
    @Override
    public JobFunctions.Scalar scalar(Definition definition, Compatibility level) {
        return new ScriptFunction(definition, new Sandbox(definition.name(), definition.script(), level));
    }

    @Override
    public Aggregation<?> aggregate(Definition definition, Compatibility level, List<Evaluator> arguments) {
        return new ScriptAggregation(new Sandbox(definition.name(), definition.script(), level), arguments, ScriptFunction.as(definition.outputType()));
    }
}
