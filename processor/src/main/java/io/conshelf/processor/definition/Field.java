package io.conshelf.processor.definition;

import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.Value;
import java.util.Optional;

/// A value that is always the same, or stands in the message.
public sealed interface Field {
    record Static(Value value) implements Field {}

    record Dynamic(Path path) implements Field {}

    /// A name and a value, both of which may stand in the message.
    record Pair(Field key, Field value) {}

    default Optional<Value> of(Value message) {
        return switch (this) {
            case Static(Value value) -> Optional.of(value);
            case Dynamic(Path path) -> path.read(message);
        };
    }
}
