package io.conshelf.streams.script;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.JobFunctions;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /// Scripts that do not compile, or have no function. What stands outside of functions runs, in a thread of the platform: of a virtual one nobody knows what it
    /// allocates.
    ///
    /// @throws CancellationException where the thread is interrupted
    public List<Problem> problems() {
        if (!Thread.currentThread().isVirtual() || (scalars.isEmpty() && aggregates.isEmpty())) {
            return found();
        }
        CompletableFuture<List<Problem>> problems = new CompletableFuture<>();
        Thread opening = Thread.ofPlatform().daemon().name("scripts").start(() -> {
            try {
                problems.complete(found());
            } catch (RuntimeException | Error failure) {
                problems.completeExceptionally(failure);
            }
        });
        try {
            return problems.get();
        } catch (InterruptedException ending) {
            opening.interrupt();
            Thread.currentThread().interrupt();
            throw new CancellationException("the run is to end");
        } catch (ExecutionException defect) {
            throw new IllegalStateException("the functions of the job cannot be tried", defect.getCause());
        }
    }

    private List<Problem> found() {
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
    public Scalar scalar(String name) {
        return Engine.ENGINE.scalar(definition(scalars, name), level);
    }

    @Override
    public Aggregation<?> aggregate(String name, List<Evaluator> arguments) {
        return Engine.ENGINE.aggregate(definition(aggregates, name), level, arguments);
    }

    @Override
    public String definitions(String name) {
        return Stream.of(scalars, aggregates).map(kind -> kind.get(name)).filter(Objects::nonNull).map(Definition::toString).collect(Collectors.joining("\n"));
    }

    /// Loaded with the first function.
    private static final class Engine {
        private static final ScriptEngine ENGINE = CountedClasses.open();
    }

    private static Definition definition(TreeMap<String, Definition> definitions, String name) {
        return Optional.ofNullable(definitions.get(name)).orElseThrow(() -> new IllegalArgumentException("the job has no function '" + name + "'"));
    }
}
