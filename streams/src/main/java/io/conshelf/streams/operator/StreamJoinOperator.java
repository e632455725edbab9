package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// Two streams joined in time. Each side remembers its rows as long as a partner can come; what comes last finds the other.
final class StreamJoinOperator implements Operator<StreamJoinOperator.Sides> {
    private static final int LEFT = 0;

    private final JoinBounds bounds;
    private final JoinEquality equality;
    private final Evaluator residual;
    private final Step.JoinKind kind;
    private final Value[] nothing;

    StreamJoinOperator(Step.StreamJoin step, long delay, Evaluation evaluation) {
        this.bounds = new JoinBounds(step.bounds(), delay, evaluation);
        this.equality = JoinEquality.of(step.equal(), evaluation);
        this.residual = evaluation.of(step.residual());
        this.kind = step.kind();
        this.nothing = new Value[step.rightSlots()];
        Arrays.fill(nothing, Value.Null.NULL);
    }

    static final class Sides {
        private TimedRows left = new TimedRows();
        private TimedRows right = new TimedRows();
    }

    @Override
    public Sides create() {
        return new Sides();
    }

    @Override
    public void row(Sides state, int input, Row row, Emit out) {
        time(state, row.ticks() - 1, out);
        if (input == LEFT) {
            left(state, row, out);
        } else {
            right(state, row, out);
        }
    }

    private void left(Sides state, Row row, Emit out) {
        boolean found = false;
        long latest = bounds.latestRight(row);
        for (int i = state.right.from(bounds.earliestRight(row)); i < state.right.size() && state.right.row(i).ticks() <= latest; i++) {
            found |= pair(row, state.right.row(i), out);
        }
        if (latest >= row.ticks()) {
            state.left.add(row);
            if (found) {
                state.left.match(state.left.size() - 1);
            }
        } else if (!found) {
            unmatched(row, out);
        }
    }

    private void right(Sides state, Row row, Emit out) {
        long latest = bounds.latestLeft(row);
        for (int i = state.left.from(bounds.earliestLeft(row)); i < state.left.size() && state.left.row(i).ticks() <= latest; i++) {
            if (pair(state.left.row(i), row, out)) {
                state.left.match(i);
            }
        }
        if (latest >= row.ticks()) {
            state.right.add(row);
        }
    }

    private boolean pair(Row left, Row right, Emit out) {
        if (!bounds.hold(left, right) || !equality.holds(left, right)) {
            return false;
        }
        Row joined = new Row(Math.max(left.ticks(), right.ticks()), left.with(right.slots()).slots());
        if (!residual.holds(joined)) {
            return false;
        }
        out.row(joined);
        return true;
    }

    private void unmatched(Row left, Emit out) {
        if (kind == Step.JoinKind.LEFT) {
            out.row(new Row(bounds.unmatchedAt(left), left.with(nothing).slots()));
        }
    }

    @Override
    public long next(Sides state) {
        long next = NEVER;
        for (int i = 0; i < state.left.size() && (i == 0 || !bounds.areOfRows()); i++) {
            next = Math.min(next, bounds.latestRight(state.left.row(i)));
        }
        if (state.right.size() > 0) {
            next = Math.min(next, bounds.latestLeft(state.right.row(0)));
        }
        return next;
    }

    @Override
    public void time(Sides state, long watermark, Emit out) {
        for (int i = 0; i < state.left.size();) {
            if (bounds.latestRight(state.left.row(i)) > watermark) {
                // what a row waits for grows with its time, but where its events have times of their own
                if (bounds.areOfRows()) {
                    break;
                }
                i++;
                continue;
            }
            Row row = state.left.row(i);
            boolean matched = state.left.isMatched(i);
            state.left.remove(i);
            if (!matched) {
                unmatched(row, out);
            }
        }
        while (state.right.size() > 0 && bounds.latestLeft(state.right.row(0)) <= watermark) {
            state.right.removeFirst();
        }
    }

    @Override
    public boolean isEmpty(Sides state) {
        return state.left.size() == 0 && state.right.size() == 0;
    }

    @Override
    public long lag() {
        return kind == Step.JoinKind.LEFT ? bounds.lag() : 0;
    }

    @Override
    public void write(Sides state, DataOutput out) throws IOException {
        state.left.write(out);
        state.right.write(out);
    }

    @Override
    public Sides read(DataInput in) throws IOException {
        Sides state = new Sides();
        state.left = TimedRows.read(in);
        state.right = TimedRows.read(in);
        return state;
    }
}
