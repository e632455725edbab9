package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import java.util.List;

/// One way to call a function: its parameters, what it returns, and how it is run.
///
/// @param variadic the last parameter may repeat
public record Signature(List<Parameter> parameters, boolean variadic, ReturnType returns, Lowering lowering) {
    public Signature {
        parameters = List.copyOf(parameters);
    }

    /// The type of the result, given the types of the arguments after conversion.
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
