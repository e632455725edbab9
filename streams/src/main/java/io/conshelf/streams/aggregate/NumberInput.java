package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Parameter;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;

/// The number that a function takes of a row: a bigint, a float, or a text that reads as one.
record NumberInput(String function, Evaluator argument, Span span) {
    static NumberInput of(Aggregate.Call call) {
        return new NumberInput(call.name(), call.arguments().getFirst(), call.span());
    }

    Value of(Row row) {
        Value value = argument.value(row);
        if (value instanceof FloatingPoint || value instanceof BigInt || value instanceof Null) {
            return value;
        }
        return Parameter.NUMBER.taken(value).orElseThrow(() -> RuntimeFault.invalidArgument(function, 0, value, Parameter.NUMBER, span));
    }
}
