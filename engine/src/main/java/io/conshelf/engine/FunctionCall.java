package io.conshelf.engine;

import io.conshelf.engine.command.FunctionParameters;
import io.conshelf.engine.store.StoredFunction;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A call of a stored function that is only bound, never run.
final class FunctionCall {
    /// What stands before the function's own text.
    static final String BEFORE = "let checked_ = ";

    private FunctionCall() {}

    /// A query that declares the function and, where that tells enough, calls it: what is wrong with it is wrong with the function.
    static String check(StoredFunction function) {
        return of(function).orElseGet(() -> declared(function));
    }

    /// A query that declares the function and does not call it, so that no data is missed.
    static String declared(StoredFunction function) {
        return declaration(function) + "print 0";
    }

    /// A query that calls the function; nothing where a parameter is a table.
    static Optional<String> of(StoredFunction function) {
        return nullArguments(function.parameters()).map(arguments -> declaration(function) + "checked_(" + arguments + ")");
    }

    /// A query that is wrong where a right function without parameters gives no rows.
    static String rows(StoredFunction function) {
        return declaration(function) + "checked_() | take 0";
    }

    private static String declaration(StoredFunction function) {
        return BEFORE + function.parameters() + " " + function.body() + ";\n";
    }

    /// A null of the right type for each parameter; nothing where a parameter is a table.
    private static Optional<String> nullArguments(String parameters) {
        var described = FunctionParameters.json(parameters);
        for (var parameter : described) {
            if (!parameter.has("CslType")) {
                return Optional.empty();
            }
        }
        return Optional.of(StreamSupport.stream(described.spliterator(), false)
                .map(parameter -> parameter.path("CslType").asText())
                .map(type -> type.equals("string") ? "''" : type + "(null)")
                .collect(Collectors.joining(", ")));
    }
}
