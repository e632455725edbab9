package io.conshelf.streams.local;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/// Runs a step with memory over all its rows. Time passes from row to row, for all keys.
///
/// @param <S> what the operator remembers of a key
final class StepRun<S> {
    private final Operator<S> operator;
    private final StepKeys keys;
    private final RowRoom room;
    private final Map<Key, Entry<S>> states = new HashMap<>();
    private final PriorityQueue<Timer<S>> timers = new PriorityQueue<>();
    private final List<Row> out = new ArrayList<>();
    private long entries;

    StepRun(Step step, Operator<S> operator, Evaluation evaluation, RowRoom room) {
        this.operator = operator;
        this.room = room;
        this.keys = StepKeys.of(step, evaluation);
    }

    private static final class Entry<S> {
        private final Key key;
        private final long number;
        private final S state;
        private long due = Operator.NEVER;

        private Entry(Key key, long number, S state) {
            this.key = key;
            this.number = number;
            this.state = state;
        }
    }

    /// Keys that are due at the same time are called in the order in which they came up.
    private record Timer<S>(long due, Entry<S> entry) implements Comparable<Timer<S>> {
        @Override
        public int compareTo(Timer<S> other) {
            int byTime = Long.compare(due, other.due);
            return byTime != 0 ? byTime : Long.compare(entry.number, other.entry.number);
        }
    }

    /// @param inputs each in the order of its time
    List<Row> rows(List<List<Row>> inputs) {
        int[] places = new int[inputs.size()];
        for (int input = first(inputs, places); input >= 0; input = first(inputs, places)) {
            row(input, inputs.get(input).get(places[input]++));
        }
        pass(Operator.NEVER - 1);
        return out;
    }

    /// The input whose next row is the earliest; -1 when there is none.
    private static int first(List<List<Row>> inputs, int[] places) {
        int first = -1;
        for (int i = 0; i < places.length; i++) {
            if (places[i] < inputs.get(i).size()
                    && (first < 0 || inputs.get(i).get(places[i]).ticks() < inputs.get(first).get(places[first]).ticks())) {
                first = i;
            }
        }
        return first;
    }

    private void made(Row row) {
        room.row();
        out.add(row);
    }

    private void row(int input, Row row) {
        room.row();
        pass(row.ticks() - 1);
        try {
            Key key = keys.key(input, row);
            Entry<S> entry = states.computeIfAbsent(key, _ -> new Entry<>(key, entries++, operator.create()));
            operator.row(entry.state, input, row, this::made);
            settle(entry);
        } catch (RuntimeFault fault) {
            throw fault.of(row);
        }
    }

    private void pass(long watermark) {
        while (!timers.isEmpty() && timers.peek().due <= watermark) {
            Timer<S> timer = timers.poll();
            if (timer.entry.due == timer.due) {
                timer.entry.due = Operator.NEVER;
                operator.time(timer.entry.state, timer.due, this::made);
                settle(timer.entry);
            }
        }
    }

    private void settle(Entry<S> entry) {
        if (operator.isEmpty(entry.state)) {
            entry.due = Operator.NEVER;
            states.remove(entry.key, entry);
            return;
        }
        long next = operator.next(entry.state);
        if (next != entry.due) {
            entry.due = next;
            if (next != Operator.NEVER) {
                timers.add(new Timer<>(next, entry));
            }
        }
    }
}
