package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// ISFIRST: the end of the interval that has had its first row.
final class FirstHistory implements History<long[]> {
    private static final BigInt YES = new BigInt(1);
    private static final BigInt NO = new BigInt(0);

    private final Evaluator when;
    private final long interval;

    FirstHistory(AnalyticCall.IsFirst call, Evaluation evaluation) {
        this.when = evaluation.of(call.when());
        this.interval = call.interval();
    }

    @Override
    public long[] create() {
        return new long[] {Long.MIN_VALUE};
    }

    @Override
    public Value row(long[] history, Row row) {
        if (!when.holds(row)) {
            return NO;
        }
        long end = Alignment.end(row.ticks(), interval, 0);
        boolean isFirst = end != history[0];
        history[0] = end;
        return isFirst ? YES : NO;
    }

    @Override
    public long forgotten(long[] history) {
        return history[0];
    }

    @Override
    public void write(long[] history, DataOutput out) throws IOException {
        out.writeLong(history[0]);
    }

    @Override
    public long[] read(DataInput in) throws IOException {
        return new long[] {in.readLong()};
    }
}
