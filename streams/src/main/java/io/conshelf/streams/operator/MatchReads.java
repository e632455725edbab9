package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.plan.MatchPattern.Read;
import io.conshelf.streams.plan.MatchPattern.ReadFunction;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What conditions and measures read of the rows that a match has taken: a value for each, kept up row by row.
final class MatchReads {
    private final List<Read> reads;
    private final Evaluator[] values;
    private final int[] deciding;
    private final Evaluator isLess;

    MatchReads(MatchPattern pattern, Evaluation evaluation) {
        this.reads = pattern.reads();
        this.deciding = pattern.definitions().stream().flatMap(definition -> ReadSlots.of(definition.condition()).stream())
                .filter(slot -> slot > 0).mapToInt(slot -> slot - 1).distinct().toArray();
        this.values = reads.stream().map(read -> evaluation.of(read.value())).toArray(Evaluator[]::new);
        this.isLess = evaluation.of(new Expression.Binary(Expression.BinaryOperator.LESS, new Expression.Slot(0, Span.NONE),
                new Expression.Slot(1, Span.NONE), Span.NONE));
    }

    /// Tells ways apart that may take other rows: by the instruction, and those of the values that conditions read. What else was read changes nothing.
    Object deciding(int at, Value[] read) {
        if (deciding.length == 0) {
            return at;
        }
        List<Object> all = new ArrayList<>(1 + deciding.length);
        all.add(at);
        for (int index : deciding) {
            all.add(read[index]);
        }
        return all;
    }

    Value[] nothing() {
        Value[] nothing = new Value[values.length];
        Arrays.fill(nothing, Null.NULL);
        return nothing;
    }

    /// With a row taken as this name; empty for a row that may be any.
    Value[] taken(Value[] before, String name, Row row) {
        Value[] after = before.clone();
        for (int i = 0; i < after.length; i++) {
            Read read = reads.get(i);
            if (read.function() == ReadFunction.CLASSIFIER) {
                after[i] = classified(before[i], name.isEmpty() ? "." : name);
            } else if (read.name().equalsIgnoreCase(name)) {
                after[i] = read(read.function(), before[i], values[i].value(row));
            }
        }
        return after;
    }

    private static Value classified(Value before, String name) {
        List<Value> names = before instanceof Value.Array(List<Value> elements) ? new ArrayList<>(elements) : new ArrayList<>();
        names.add(new Value.Text(name));
        return new Value.Array(names);
    }

    private Value read(ReadFunction function, Value before, Value now) {
        return switch (function) {
            case FIRST -> before == Null.NULL ? now : before;
            case LAST -> now;
            case MIN -> now != Null.NULL && (before == Null.NULL || isLess(now, before)) ? now : before;
            case MAX -> now != Null.NULL && (before == Null.NULL || isLess(before, now)) ? now : before;
            case CLASSIFIER -> before;
        };
    }

    private boolean isLess(Value one, Value other) {
        return isLess.holds(new Row(0, new Value[] {one, other}));
    }

    /// The row that conditions and measures are evaluated on: the event, then what was read.
    Row row(Row row, Value[] read) {
        Value[] slots = new Value[1 + read.length];
        slots[0] = row.slots()[0];
        System.arraycopy(read, 0, slots, 1, read.length);
        return new Row(row.ticks(), slots);
    }
}
