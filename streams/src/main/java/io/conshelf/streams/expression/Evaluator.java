package io.conshelf.streams.expression;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;

/// An expression made ready to run. It belongs to one thread.
@FunctionalInterface
public interface Evaluator {
    /// @throws RuntimeFault where the row's values end the job, as CAST does
    Value value(Row row);

    /// Whether a condition holds: NULL and whatever is no bit do not.
    default boolean holds(Row row) {
        return value(row) instanceof Value.Bit(boolean bit) && bit;
    }
}
