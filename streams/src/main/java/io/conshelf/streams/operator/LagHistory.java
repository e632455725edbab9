package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;

/// LAG: as many rows are remembered as it looks back, and none that is older than its limit.
final class LagHistory implements History<ArrayDeque<LagHistory.Past>> {
    private final Evaluator value;
    private final Evaluator otherwise;
    private final Evaluator when;
    private final int offset;
    private final long limit;

    LagHistory(AnalyticCall.Lag call, Evaluation evaluation) {
        this.value = evaluation.of(call.value());
        this.otherwise = evaluation.of(call.otherwise());
        this.when = evaluation.of(call.when());
        this.offset = call.offset();
        this.limit = call.limit();
    }

    record Past(long ticks, Value value) {}

    @Override
    public ArrayDeque<Past> create() {
        return new ArrayDeque<>(2);
    }

    @Override
    public Value row(ArrayDeque<Past> history, Row row) {
        // Rows come in the order of their time: what is too old for this one is for all that follow, and so is whatever lies behind it.
        while (!history.isEmpty() && row.ticks() - history.getFirst().ticks > limit) {
            history.removeFirst();
        }
        boolean isThere = history.size() == offset;
        Value result = isThere ? history.getFirst().value : otherwise.value(row);
        if (when.holds(row)) {
            if (history.size() == offset) {
                history.removeFirst();
            }
            history.add(new Past(row.ticks(), value.value(row)));
        }
        return result;
    }

    @Override
    public long forgotten(ArrayDeque<Past> history) {
        return history.isEmpty() ? Long.MIN_VALUE : history.getLast().ticks + limit;
    }

    @Override
    public void write(ArrayDeque<Past> history, DataOutput out) throws IOException {
        BinaryValues.writeCount(history.size(), out);
        for (Past past : history) {
            out.writeLong(past.ticks);
            BinaryValues.write(past.value, out);
        }
    }

    @Override
    public ArrayDeque<Past> read(DataInput in) throws IOException {
        int count = BinaryValues.readCount(in);
        var history = new ArrayDeque<Past>(Math.max(2, count));
        for (; count > 0; count--) {
            history.add(new Past(in.readLong(), BinaryValues.read(in)));
        }
        return history;
    }
}
