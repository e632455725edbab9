package io.conshelf.streams.expression;

import io.conshelf.streams.value.Value;
import java.util.List;

/// A built-in scalar function: its name, what it takes and what it does, declared once. Diagnostics, evaluation and documentation read the same.
///
/// @param name       as the documentation spells it
/// @param parameters what it takes, in order
/// @param required   how many of the parameters must be given
/// @param rest       whether the last parameter may be repeated
/// @param nulls      what a NULL argument does
/// @param opening    gives what computes the result, one for each call in a query
public record Function(String name, List<Parameter> parameters, int required, Rest rest, Nulls nulls, Opening opening) {
    public Function {
        parameters = List.copyOf(parameters);
    }

    public enum Rest { NONE, REPEATS }

    /// Whether a NULL argument makes the result NULL, or the function looks at it.
    public enum Nulls { GIVE_NULL, ARE_ARGUMENTS }

    @FunctionalInterface
    interface Opening {
        Body body(Context context);
    }

    /// Computes the result. Arguments are of the types that the parameters say.
    @FunctionalInterface
    interface Body {
        Value value(Value[] arguments);
    }

    @FunctionalInterface
    interface Unary {
        Value value(Value argument);
    }

    @FunctionalInterface
    interface Binary {
        Value value(Value first, Value second);
    }

    static Function of(String name, Parameter parameter, Unary body) {
        return of(name, List.of(parameter), arguments -> body.value(arguments[0]));
    }

    static Function of(String name, Parameter first, Parameter second, Binary body) {
        return of(name, List.of(first, second), arguments -> body.value(arguments[0], arguments[1]));
    }

    static Function of(String name, List<Parameter> parameters, Body body) {
        return new Function(name, parameters, parameters.size(), Rest.NONE, Nulls.GIVE_NULL, _ -> body);
    }

    /// The last parameters, from `required` on, may be left out.
    Function requiring(int required) {
        return new Function(name, parameters, required, rest, nulls, opening);
    }

    /// The last parameter may be repeated.
    Function repeating() {
        return new Function(name, parameters, required, Rest.REPEATS, nulls, opening);
    }

    /// NULLs are arguments like others.
    Function takingNulls() {
        return new Function(name, parameters, required, rest, Nulls.ARE_ARGUMENTS, opening);
    }

    public int argumentsMin() {
        return required;
    }

    /// [Integer#MAX_VALUE] where there is no limit.
    public int argumentsMax() {
        return rest == Rest.REPEATS ? Integer.MAX_VALUE : parameters.size();
    }

    /// What is taken at this place, from 0.
    public Parameter parameter(int index) {
        return parameters.get(Math.min(index, parameters.size() - 1));
    }
}
