package io.conshelf.streams.script;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The JavaScript functions of a job. What is opened has a world of its own, so threads share nothing.
public final class ScriptFunctions implements JobFunctions {
    /// @param name       as the query calls it, behind `udf.` or `uda.`
    /// @param inputTypes as the definition names them; `any` where it does not care
    public record Definition(String name, Kind kind, String script, List<String> inputTypes, String outputType) implements Serializable {
        public Definition {
            inputTypes = List.copyOf(inputTypes);
        }
    }

    public enum Kind { SCALAR, AGGREGATE }

    /// What stands in the way of a function before the job starts.
    ///
    /// @param line   of its script, from 1; 0 where it is about the whole
    /// @param column from 1; 0 where none is known
    public record Problem(String function, String message, int line, int column) {
        /// With its place in the script.
        public String placed() {
            return message + (place().isEmpty() ? "" : " (" + place() + ")");
        }

        /// As `line 3, column 5`; empty where it is not known.
        public String place() {
            return line < 1 ? "" : column < 1 ? "line " + line : "line " + line + ", column " + column;
        }
    }

    private final TreeMap<String, Definition> scalars = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final TreeMap<String, Definition> aggregates = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Compatibility level;

    public ScriptFunctions(List<Definition> definitions, Compatibility level) {
        this.level = level;
        for (Definition definition : definitions) {
            (switch (definition.kind()) {
                case SCALAR -> scalars;
                case AGGREGATE -> aggregates;
            }).put(definition.name(), definition);
        }
    }

    /// Scripts that do not compile, or have no function.
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        scalars.values().forEach(definition -> problem(definition, () -> scalar(definition.name())).ifPresent(problems::add));
        aggregates.values().forEach(definition -> problem(definition, () -> aggregate(definition.name(), List.of(_ -> Value.Null.NULL)))
                .ifPresent(problems::add));
        return problems;
    }

    private static Optional<Problem> problem(Definition definition, Runnable opening) {
        try {
            opening.run();
            return Optional.empty();
        } catch (FunctionFault fault) {
            return Optional.of(new Problem(definition.name(), fault.getMessage(), fault.line(), fault.column()));
        }
    }

    @Override
    public Set<String> scalarNames() {
        return scalars.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Set<String> aggregateNames() {
        return aggregates.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public Scalar scalar(String name) {
        Definition definition = definition(scalars, name);
        Sandbox sandbox = new Sandbox(definition.name(), definition.script(), level);
        return new ScriptFunction(definition, sandbox);
    }

    @Override
    public Aggregation<?> aggregate(String name, List<Evaluator> arguments) {
        Definition definition = definition(aggregates, name);
        Sandbox sandbox = new Sandbox(definition.name(), definition.script(), level);
        return new ScriptAggregation(sandbox, arguments, ScriptFunction.as(definition.outputType()));
    }

    private static Definition definition(TreeMap<String, Definition> definitions, String name) {
        return Optional.ofNullable(definitions.get(name)).orElseThrow(() -> new IllegalArgumentException("the job has no function '" + name + "'"));
    }
}
