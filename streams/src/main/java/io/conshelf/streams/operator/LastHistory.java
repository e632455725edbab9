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

/// LAST: the newest row that meets the condition, the present one among them.
final class LastHistory implements History<LastHistory.Newest> {
    private final Evaluator value;
    private final Evaluator otherwise;
    private final Evaluator when;
    private final long limit;

    LastHistory(AnalyticCall.Last call, Evaluation evaluation) {
        this.value = evaluation.of(call.value());
        this.otherwise = evaluation.of(call.otherwise());
        this.when = evaluation.of(call.when());
        this.limit = call.limit();
    }

    static final class Newest {
        private long ticks = Long.MIN_VALUE;
        private Value value = Value.Null.NULL;
    }

    @Override
    public Newest create() {
        return new Newest();
    }

    @Override
    public Value row(Newest history, Row row) {
        if (when.holds(row)) {
            history.ticks = row.ticks();
            history.value = value.value(row);
            return history.value;
        }
        boolean isThere = history.ticks != Long.MIN_VALUE && row.ticks() - history.ticks <= limit;
        return isThere ? history.value : otherwise.value(row);
    }

    @Override
    public long forgotten(Newest history) {
        return history.ticks == Long.MIN_VALUE ? Long.MIN_VALUE : history.ticks + limit;
    }

    @Override
    public void write(Newest history, DataOutput out) throws IOException {
        out.writeLong(history.ticks);
        BinaryValues.write(history.value, out);
    }

    @Override
    public Newest read(DataInput in) throws IOException {
        Newest history = new Newest();
        history.ticks = in.readLong();
        history.value = BinaryValues.read(in);
        return history;
    }
}
