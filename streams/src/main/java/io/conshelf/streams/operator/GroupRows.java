package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;

/// Makes the row of a window over a group: the keys, the aggregates, the window's id.
record GroupRows(Accumulators accumulators, Value windowId) {
    void emit(long end, Value[] keys, Object[] values, Operator.Emit out) {
        Value[] slots = new Value[keys.length + accumulators.count() + 1];
        System.arraycopy(keys, 0, slots, 0, keys.length);
        for (int i = 0; i < accumulators.count(); i++) {
            slots[keys.length + i] = accumulators.result(values, i);
        }
        slots[slots.length - 1] = windowId;
        out.row(new Row(end, slots));
    }
}
