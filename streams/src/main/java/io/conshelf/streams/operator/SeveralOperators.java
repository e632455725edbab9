package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/// Several operators that all get every row, such as the windows of `Windows()`.
final class SeveralOperators implements Operator<Object[]> {
    private final List<Operator<Object>> operators;

    SeveralOperators(List<? extends Operator<?>> operators) {
        this.operators = operators.stream().map(SeveralOperators::ofAnything).toList();
    }

    @SuppressWarnings("unchecked")
    private static Operator<Object> ofAnything(Operator<?> operator) {
        return (Operator<Object>) operator;
    }

    @Override
    public Order order() {
        return operators.stream().allMatch(operator -> operator.order() == Order.ANY) ? Order.ANY : Order.BY_TIME;
    }

    @Override
    public long lag() {
        return operators.stream().mapToLong(Operator::lag).max().orElse(0);
    }

    @Override
    public Object[] create() {
        return operators.stream().map(Operator::create).toArray();
    }

    @Override
    public void row(Object[] state, int input, Row row, Emit out) {
        for (int i = 0; i < state.length; i++) {
            operators.get(i).row(state[i], input, row, out);
        }
    }

    @Override
    public long next(Object[] state) {
        long next = NEVER;
        for (int i = 0; i < state.length; i++) {
            next = Math.min(next, operators.get(i).next(state[i]));
        }
        return next;
    }

    @Override
    public void time(Object[] state, long watermark, Emit out) {
        for (int i = 0; i < state.length; i++) {
            operators.get(i).time(state[i], watermark, out);
        }
    }

    @Override
    public boolean isEmpty(Object[] state) {
        for (int i = 0; i < state.length; i++) {
            if (!operators.get(i).isEmpty(state[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void write(Object[] state, DataOutput out) throws IOException {
        for (int i = 0; i < state.length; i++) {
            operators.get(i).write(state[i], out);
        }
    }

    @Override
    public Object[] read(DataInput in) throws IOException {
        Object[] state = new Object[operators.size()];
        for (int i = 0; i < state.length; i++) {
            state[i] = operators.get(i).read(in);
        }
        return state;
    }
}
