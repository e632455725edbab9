package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// Keeps the rows of a key apart by a finer one, where the whole step cannot be kept apart by it.
final class NestedOperator<S> implements Operator<NestedOperator.States<S>> {
    private final Evaluator[] keys;
    private final Operator<S> each;

    NestedOperator(Evaluator[] keys, Operator<S> each) {
        this.keys = keys;
        this.each = each;
    }

    static final class States<S> {
        private final Map<Key, S> byKey = new LinkedHashMap<>();
        /// Not after anything that any of them waits for.
        private long next = NEVER;
    }

    @Override
    public Order order() {
        return each.order();
    }

    @Override
    public long lag() {
        return each.lag();
    }

    @Override
    public States<S> create() {
        return new States<>();
    }

    @Override
    public void row(States<S> state, int input, Row row, Emit out) {
        S inner = state.byKey.computeIfAbsent(Key.of(StepKeys.values(keys, row)), _ -> each.create());
        each.row(inner, input, row, out);
        state.next = Math.min(state.next, each.next(inner));
    }

    @Override
    public long next(States<S> state) {
        return state.next;
    }

    @Override
    public void time(States<S> state, long watermark, Emit out) {
        if (state.next > watermark) {
            return;
        }
        long next = NEVER;
        for (Iterator<S> all = state.byKey.values().iterator(); all.hasNext();) {
            S inner = all.next();
            each.time(inner, watermark, out);
            if (each.isEmpty(inner)) {
                all.remove();
            } else {
                next = Math.min(next, each.next(inner));
            }
        }
        state.next = next;
    }

    @Override
    public boolean isEmpty(States<S> state) {
        return state.byKey.isEmpty();
    }

    @Override
    public void write(States<S> state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.byKey.size(), out);
        out.writeLong(state.next);
        for (Map.Entry<Key, S> entry : state.byKey.entrySet()) {
            entry.getKey().write(out);
            each.write(entry.getValue(), out);
        }
    }

    @Override
    public States<S> read(DataInput in) throws IOException {
        States<S> state = new States<>();
        int count = BinaryValues.readCount(in);
        state.next = in.readLong();
        for (; count > 0; count--) {
            state.byKey.put(Key.read(in), each.read(in));
        }
        return state;
    }
}
