package io.conshelf.engine;

import io.conshelf.engine.command.FunctionParameters;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// A call of a stored function that is only bound, never run.
final class FunctionCall {
    private FunctionCall() {}

    /// A null of the right type for each parameter; nothing where a parameter is a table.
    static Optional<String> nullArguments(String parameters) {
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
