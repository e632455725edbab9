package io.conshelf.streams.expression;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;

/// What is the same for every row.
record Constant(Value value) implements Evaluator {
    @Override
    public Value value(Row row) {
        return value;
    }
}
