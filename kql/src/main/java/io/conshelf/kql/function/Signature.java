package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One way to call a function: its parameters, what it returns, and how it is run.
///
/// @param repeated how many parameters repeat, as a group, any number of times: the last ones, or those before the
///                 last where `tail` says so
/// @param tail     how many parameters stand after the repeated ones
public record Signature(List<Parameter> parameters, int repeated, int tail, ReturnType returns, Lowering lowering) {
    public Signature {
        parameters = List.copyOf(parameters);
    }

    /// One parameter for each of `count` arguments and, after them, the optional ones that are left out; empty where
    /// this signature does not take so many.
    public Optional<List<Parameter>> parametersFor(int count) {
        if (repeated == 0) {
            boolean fits = count <= parameters.size()
                    && parameters.subList(count, parameters.size()).stream().allMatch(Parameter::isOptional);
            return fits ? Optional.of(parameters) : Optional.empty();
        }
        int surplus = count - parameters.size();
        if (surplus < 0 || surplus % repeated != 0) {
            return Optional.empty();
        }
        int end = parameters.size() - tail;
        List<Parameter> all = new ArrayList<>(parameters.subList(0, end));
        List<Parameter> group = parameters.subList(end - repeated, end);
        for (int i = 0; i < surplus / repeated; i++) {
            all.addAll(group);
        }
        all.addAll(parameters.subList(end, parameters.size()));
        return Optional.of(all);
    }

    public int argumentsMin() {
        return (int) parameters.stream().filter(p -> !p.isOptional()).count();
    }

    /// The type of the result, given the types of the arguments after conversion. Where the lowering is a rewrite, the
    /// type of the expression it gives is what counts.
    @FunctionalInterface
    public interface ReturnType {
        Type of(List<Type> arguments);

        static ReturnType fixed(Type type) {
            return _ -> type;
        }

        static ReturnType argument(int index) {
            return arguments -> arguments.get(index);
        }
    }
}
