package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;

/// All values, in the order they came, NULL among them: there is one for each event.
final class Collect implements Aggregation<ArrayDeque<Value>> {
    private final Evaluator argument;

    Collect(Aggregate.Call call) {
        this.argument = call.arguments().getFirst();
    }

    @Override
    public Value input(Row row) {
        return argument.value(row);
    }

    @Override
    public ArrayDeque<Value> create() {
        return new ArrayDeque<>();
    }

    @Override
    public void add(ArrayDeque<Value> state, long ticks, Value input) {
        state.addLast(input);
    }

    @Override
    public void remove(ArrayDeque<Value> state, long ticks, Value input) {
        state.pollFirst();
    }

    @Override
    public void merge(ArrayDeque<Value> state, ArrayDeque<Value> later) {
        state.addAll(later);
    }

    @Override
    public Value result(ArrayDeque<Value> state) {
        return new Value.Array(List.copyOf(state));
    }

    @Override
    public void write(ArrayDeque<Value> state, DataOutput out) throws IOException {
        BinaryValues.writeAll(state.toArray(Value[]::new), out);
    }

    @Override
    public ArrayDeque<Value> read(DataInput in) throws IOException {
        return new ArrayDeque<>(List.of(BinaryValues.readAll(in)));
    }
}
