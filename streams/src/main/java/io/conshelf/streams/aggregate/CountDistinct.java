package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Keys;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How many different values. A bigint and a float of the same worth are one.
final class CountDistinct implements Aggregation<Map<Value, Long>> {
    private final List<Evaluator> arguments;

    CountDistinct(Aggregate.Call call) {
        this.arguments = call.arguments();
    }

    @Override
    public Value input(Row row) {
        return Keys.of(arguments.getFirst().value(row));
    }

    @Override
    public Map<Value, Long> create() {
        return new HashMap<>();
    }

    @Override
    public void add(Map<Value, Long> state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            state.merge(input, 1L, Long::sum);
        }
    }

    @Override
    public void remove(Map<Value, Long> state, long ticks, Value input) {
        state.computeIfPresent(input, (_, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public void merge(Map<Value, Long> state, Map<Value, Long> later) {
        later.forEach((value, count) -> state.merge(value, count, Long::sum));
    }

    @Override
    public Value result(Map<Value, Long> state) {
        return Value.of(state.size());
    }

    @Override
    public void write(Map<Value, Long> state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.size(), out);
        for (Map.Entry<Value, Long> one : state.entrySet()) {
            BinaryValues.write(one.getKey(), out);
            out.writeLong(one.getValue());
        }
    }

    @Override
    public Map<Value, Long> read(DataInput in) throws IOException {
        Map<Value, Long> state = new HashMap<>();
        for (int rest = BinaryValues.readCount(in); rest > 0; rest--) {
            Value value = BinaryValues.read(in);
            state.put(value, in.readLong());
        }
        return state;
    }
}
