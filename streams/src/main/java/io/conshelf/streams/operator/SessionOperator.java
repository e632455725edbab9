package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// The session that is open, of rows that are followed by another within the timeout, an event exactly at the timeout included. It also ends at a multiple of
/// its longest duration once it has lasted that long, so it lasts up to twice as long. It spans all groups of its rows and gives a row for each.
final class SessionOperator implements Operator<SessionOperator.Session> {
    private final Accumulators accumulators;
    private final Evaluator[] keys;
    private final GroupRows rows;
    private final long timeout;
    private final long maxDuration;

    SessionOperator(Accumulators accumulators, Evaluator[] keys, GroupRows rows, long timeout, long maxDuration) {
        this.accumulators = accumulators;
        this.keys = keys;
        this.rows = rows;
        this.timeout = timeout;
        this.maxDuration = maxDuration;
    }

    static final class Session {
        private long first;
        private long last;
        private final Map<Key, Group> groups = new LinkedHashMap<>();
    }

    private record Group(Value[] keys, Object[] accumulators) {}

    @Override
    public Session create() {
        return new Session();
    }

    @Override
    public void row(Session state, int input, Row row, Emit out) {
        time(state, row.ticks() - 1, out);
        if (state.groups.isEmpty()) {
            state.first = row.ticks();
        }
        state.last = row.ticks();
        Value[] values = StepKeys.values(keys, row);
        Group group = state.groups.computeIfAbsent(Key.of(values.clone()), _ -> new Group(values, accumulators.create()));
        accumulators.add(group.accumulators, row.ticks(), accumulators.inputs(row));
    }

    @Override
    public long next(Session state) {
        return state.groups.isEmpty() ? NEVER
                : Math.min(state.last + timeout, Alignment.end(state.first + maxDuration, maxDuration, 0));
    }

    @Override
    public void time(Session state, long watermark, Emit out) {
        long end = next(state);
        if (end <= watermark && end != NEVER) {
            state.groups.values().forEach(group -> rows.emit(end, group.keys, group.accumulators, out));
            state.groups.clear();
        }
    }

    @Override
    public boolean isEmpty(Session state) {
        return state.groups.isEmpty();
    }

    @Override
    public void write(Session state, DataOutput out) throws IOException {
        out.writeLong(state.first);
        out.writeLong(state.last);
        BinaryValues.writeCount(state.groups.size(), out);
        for (Group group : state.groups.values()) {
            BinaryValues.writeAll(group.keys, out);
            accumulators.write(group.accumulators, out);
        }
    }

    @Override
    public Session read(DataInput in) throws IOException {
        Session state = new Session();
        state.first = in.readLong();
        state.last = in.readLong();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Value[] values = BinaryValues.readAll(in);
            state.groups.put(Key.of(values.clone()), new Group(values, accumulators.read(in)));
        }
        return state;
    }
}
