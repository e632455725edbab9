package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.HeapBytes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reference data as it is at one time, found by the keys of a join.
final class ReferenceTable {
    /// Of a row in the index: its place in a list, its key.
    private static final long INDEXED = 100;

    private final JoinEquality equality;
    private final Map<Key, List<Row>> byKey = new HashMap<>();
    /// Of the heap, about.
    final long bytes;

    ReferenceTable(JoinEquality equality, List<Row> rows) {
        this.equality = equality;
        long size = 0;
        for (Row row : rows) {
            size += INDEXED + HeapBytes.of(row);
            byKey.computeIfAbsent(equality.rightKey(row), _ -> new ArrayList<>(1)).add(row);
        }
        this.bytes = size;
    }

    void join(Row left, Step.JoinKind kind, Evaluator residual, int rightSlots, Operator.Emit out) {
        boolean found = false;
        for (Row right : byKey.getOrDefault(equality.leftKey(left), List.of())) {
            if (equality.holds(left, right)) {
                Row joined = left.with(right.slots());
                if (residual.holds(joined)) {
                    found = true;
                    out.row(joined);
                }
            }
        }
        if (!found && kind == Step.JoinKind.LEFT) {
            Value[] nothing = new Value[rightSlots];
            Arrays.fill(nothing, Value.Null.NULL);
            out.row(left.with(nothing));
        }
    }
}
