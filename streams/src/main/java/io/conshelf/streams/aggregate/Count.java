package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Bit;
import io.conshelf.streams.value.Value.Null;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/// How many rows, or how many of them have a value.
final class Count implements Aggregation<Count.Rows> {
    static final class Rows {
        private long count;
    }

    private final List<Evaluator> arguments;

    Count(Aggregate.Call call) {
        this.arguments = call.arguments();
    }

    @Override
    public Value input(Row row) {
        return arguments.isEmpty() || !(arguments.getFirst().value(row) instanceof Null) ? Bit.TRUE : Null.NULL;
    }

    @Override
    public Rows create() {
        return new Rows();
    }

    @Override
    public void add(Rows state, long ticks, Value input) {
        state.count += input instanceof Null ? 0 : 1;
    }

    @Override
    public void remove(Rows state, long ticks, Value input) {
        state.count -= input instanceof Null ? 0 : 1;
    }

    @Override
    public void merge(Rows state, Rows later) {
        state.count += later.count;
    }

    @Override
    public Value result(Rows state) {
        return Value.of(state.count);
    }

    @Override
    public void write(Rows state, DataOutput out) throws IOException {
        out.writeLong(state.count);
    }

    @Override
    public Rows read(DataInput in) throws IOException {
        Rows rows = new Rows();
        rows.count = in.readLong();
        return rows;
    }
}
