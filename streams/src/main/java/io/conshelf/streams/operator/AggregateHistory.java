package io.conshelf.streams.operator;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;

/// An aggregate, or an anomaly model, over the present row and those that are no older than the limit.
final class AggregateHistory implements History<AggregateHistory.Content> {
    /// What comes of a row that does not meet the condition itself.
    enum Unmet { HISTORY, NULL }

    private final Aggregation<Object> aggregation;
    private final Evaluator when;
    private final long limit;
    private final Unmet unmet;

    AggregateHistory(Aggregation<?> aggregation, long limit, Evaluator when, Unmet unmet) {
        this.aggregation = Accumulators.ofAnything(aggregation);
        this.limit = limit;
        this.when = when;
        this.unmet = unmet;
    }

    private record Entry(long ticks, Value input) {}

    static final class Content {
        private final ArrayDeque<Entry> entries = new ArrayDeque<>();
        private Object accumulator;
    }

    @Override
    public Content create() {
        Content content = new Content();
        content.accumulator = aggregation.create();
        return content;
    }

    @Override
    public Value row(Content history, Row row) {
        leave(history, row.ticks() - limit);
        boolean counts = when.holds(row);
        if (counts) {
            Value input = aggregation.input(row);
            history.entries.add(new Entry(row.ticks(), input));
            aggregation.add(history.accumulator, row.ticks(), input);
        }
        return counts || unmet == Unmet.HISTORY ? aggregation.result(history.accumulator) : Value.Null.NULL;
    }

    private void leave(Content history, long before) {
        boolean left = false;
        while (!history.entries.isEmpty() && history.entries.getFirst().ticks < before) {
            Entry entry = history.entries.removeFirst();
            left = true;
            if (aggregation.removes()) {
                aggregation.remove(history.accumulator, entry.ticks, entry.input);
            }
        }
        if (left && (history.entries.isEmpty() || !aggregation.removes())) {
            history.accumulator = aggregation.create();
            history.entries.forEach(entry -> aggregation.add(history.accumulator, entry.ticks, entry.input));
        }
    }

    @Override
    public long forgotten(Content history) {
        return history.entries.isEmpty() ? Long.MIN_VALUE : history.entries.getLast().ticks + limit;
    }

    @Override
    public void write(Content history, DataOutput out) throws IOException {
        BinaryValues.writeCount(history.entries.size(), out);
        for (Entry entry : history.entries) {
            out.writeLong(entry.ticks);
            BinaryValues.write(entry.input, out);
        }
        aggregation.write(history.accumulator, out);
    }

    @Override
    public Content read(DataInput in) throws IOException {
        Content history = new Content();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            history.entries.add(new Entry(in.readLong(), BinaryValues.read(in)));
        }
        history.accumulator = aggregation.read(in);
        return history;
    }
}
