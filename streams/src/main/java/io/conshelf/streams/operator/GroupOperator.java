package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One window over the rows of one group.
final class GroupOperator implements Operator<GroupOperator.Group> {
    private final Accumulators accumulators;
    private final Evaluator[] keys;
    private final GroupWindow<Object> window;
    private final GroupRows rows;
    private final Order order;

    GroupOperator(Accumulators accumulators, Evaluator[] keys, GroupWindow<?> window, GroupRows rows, Order order) {
        this.accumulators = accumulators;
        this.keys = keys;
        this.window = ofAnything(window);
        this.rows = rows;
        this.order = order;
    }

    @SuppressWarnings("unchecked")
    private static GroupWindow<Object> ofAnything(GroupWindow<?> window) {
        return (GroupWindow<Object>) window;
    }

    static final class Group {
        private Value[] keys;
        private Object window;
    }

    @Override
    public Order order() {
        return order;
    }

    @Override
    public Group create() {
        Group group = new Group();
        group.window = window.create();
        return group;
    }

    @Override
    public void row(Group state, int input, Row row, Emit out) {
        if (state.keys == null) {
            state.keys = StepKeys.values(keys, row);
        }
        if (order == Order.BY_TIME) {
            time(state, row.ticks() - 1, out);
        }
        window.row(state.window, row.ticks(), accumulators.inputs(row));
    }

    @Override
    public long next(Group state) {
        return window.next(state.window);
    }

    @Override
    public void time(Group state, long watermark, Emit out) {
        if (window.next(state.window) <= watermark) {
            window.time(state.window, watermark, (end, values) -> rows.emit(end, state.keys, values, out));
        }
    }

    @Override
    public boolean isEmpty(Group state) {
        return window.isEmpty(state.window);
    }

    @Override
    public void write(Group state, DataOutput out) throws IOException {
        out.writeBoolean(state.keys != null);
        if (state.keys != null) {
            BinaryValues.writeAll(state.keys, out);
        }
        window.write(state.window, out);
    }

    @Override
    public Group read(DataInput in) throws IOException {
        Group group = new Group();
        if (in.readBoolean()) {
            group.keys = BinaryValues.readAll(in);
        }
        group.window = window.read(in);
        return group;
    }
}
