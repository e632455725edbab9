package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// SUM and AVG. Bigints alone sum to a bigint; a mean is a float always.
final class Sum implements Aggregation<ExactSum> {
    enum Of { SUM, MEAN }

    private final NumberInput input;
    private final Of of;
    private final Span span;

    Sum(Aggregate.Call call, Of of) {
        this.input = NumberInput.of(call);
        this.of = of;
        this.span = call.span();
    }

    @Override
    public Value input(Row row) {
        return input.of(row);
    }

    @Override
    public ExactSum create() {
        return new ExactSum();
    }

    @Override
    public void add(ExactSum state, long ticks, Value input) {
        if (input instanceof FloatingPoint(double number)) {
            state.add(number);
        } else if (input instanceof BigInt(long number)) {
            state.add(number);
        }
    }

    @Override
    public void remove(ExactSum state, long ticks, Value input) {
        if (input instanceof FloatingPoint(double number)) {
            state.remove(number);
        } else if (input instanceof BigInt(long number)) {
            state.remove(number);
        }
    }

    @Override
    public void merge(ExactSum state, ExactSum later) {
        state.merge(later);
    }

    @Override
    public Value result(ExactSum state) {
        if (state.count() == 0) {
            return Null.NULL;
        }
        if (state.hasFloats()) {
            return Value.of(of == Of.SUM ? state.floating() : state.floating() / state.count());
        }
        if (of == Of.MEAN) {
            return Value.of((state.wholeFits() ? state.whole() : state.exact().doubleValue()) / state.count());
        }
        if (!state.wholeFits()) {
            throw new RuntimeFault("Arithmetic operation resulted in an overflow.", span);
        }
        return Value.of(state.whole());
    }

    @Override
    public void write(ExactSum state, DataOutput out) throws IOException {
        state.write(out);
    }

    @Override
    public ExactSum read(DataInput in) throws IOException {
        return ExactSum.read(in);
    }
}
