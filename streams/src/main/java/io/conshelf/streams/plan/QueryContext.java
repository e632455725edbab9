package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Function;
import io.conshelf.streams.job.JobDefinition.FunctionType;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.value.Compatibility;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a query is compiled for: the inputs and the functions of its job, and the job's level of compatibility.
///
/// @param inputs        by name, as the job spells it
/// @param scalars       names of what is called `udf.name`
/// @param aggregates    names of what is called `uda.name`
/// @param texts         those of the scalars that state that they give texts. What states another type gives what cannot be converted as it is.
/// @param level         of compatibility
public record QueryContext(Map<String, InputType> inputs, Set<String> scalars, Set<String> aggregates, Set<String> texts, Compatibility level) {
    public QueryContext {
        inputs = Map.copyOf(inputs);
        scalars = Set.copyOf(scalars);
        aggregates = Set.copyOf(aggregates);
        texts = Set.copyOf(texts);
    }

    public QueryContext(Map<String, InputType> inputs, Set<String> scalars, Set<String> aggregates, Compatibility level) {
        this(inputs, scalars, aggregates, Set.of(), level);
    }

    public static QueryContext of(JobDefinition job) {
        Map<String, InputType> inputs = new LinkedHashMap<>();
        job.inputs().forEach(input -> inputs.put(input.name(), input.type()));
        Set<String> scalars = new LinkedHashSet<>();
        Set<String> aggregates = new LinkedHashSet<>();
        job.functions().forEach(function -> (function.type() == FunctionType.SCALAR ? scalars : aggregates).add(function.name()));
        Set<String> texts = job.functions().stream()
                .filter(function -> function.type() == FunctionType.SCALAR && Type.named(function.outputType()).filter(Type.NVARCHAR::equals).isPresent())
                .map(Function::name).collect(Collectors.toSet());
        return new QueryContext(inputs, scalars, aggregates, texts, Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2));
    }

    /// The name as the job spells it.
    Optional<String> input(String name) {
        return named(inputs.keySet(), name);
    }

    Optional<String> scalar(String name) {
        return named(scalars, name);
    }

    Optional<String> aggregate(String name) {
        return named(aggregates, name);
    }

    private static Optional<String> named(Set<String> names, String name) {
        return names.contains(name) ? Optional.of(name) : names.stream().filter(name::equalsIgnoreCase).findFirst();
    }

    /// At level 1.0 columns have names of small letters.
    String column(String name) {
        return level.isAtLeast(Compatibility.V1_1) ? name : name.toLowerCase(Locale.ROOT);
    }

    /// Before 1.2 those of metadata have, too.
    String column(String name, Syntax.Expr value) {
        boolean isMetadata = value instanceof Syntax.Call call && call.text().equalsIgnoreCase("GetMetadataPropertyValue");
        return isMetadata && !level.isAtLeast(Compatibility.V1_2) ? name.toLowerCase(Locale.ROOT) : column(name);
    }

    /// Before 1.2 anything may stand before the name of a built-in function: `my.ABS(x)`.
    boolean takesPrefixes() {
        return !level.isAtLeast(Compatibility.V1_2);
    }
}
