package io.conshelf.streams.script;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.script.ScriptFunctions.Definition;
import io.conshelf.streams.value.Compatibility;
import java.util.List;

/// Makes functions of scripts, each with a world of its own. All that crosses between this package and the counted classes of an engine.
public interface ScriptEngine {
    /// @throws JobFunctions.FunctionFault where the script does not compile, fails or defines no function
    JobFunctions.Scalar scalar(Definition definition, Compatibility level);

    /// @throws JobFunctions.FunctionFault as with [#scalar], and where a method is missing
    Aggregation<?> aggregate(Definition definition, Compatibility level, List<Evaluator> arguments);
}
