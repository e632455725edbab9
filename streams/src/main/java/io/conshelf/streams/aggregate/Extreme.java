package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Parameter;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Text;
import io.conshelf.streams.value.ValueOrder;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;

/// MIN and MAX of numbers, times, bits and texts. A text that was not made one by CAST is read as a number, or a time.
///
/// The state is a queue of those that can still become the result: each one beaten by a later one is dropped. Where rows only come, that is the best alone.
final class Extreme implements Aggregation<Extreme.Queue> {
    enum End { LEAST, GREATEST }

    static final class Queue {
        private final ArrayDeque<Candidate> candidates = new ArrayDeque<>(2);
        /// How many have come and gone, by which a candidate knows when it goes.
        private long come;
        private long gone;
    }

    private record Candidate(long number, Value value) {}

    private final String name;
    private final Evaluator argument;
    private final boolean isText;
    private final Aggregate.Rows rows;
    private final End end;
    private final Span span;

    private Extreme(Aggregate.Call call, End end) {
        this.name = call.name();
        this.argument = call.arguments().getFirst();
        this.isText = call.castToText();
        this.rows = call.rows();
        this.end = end;
        this.span = call.span();
    }

    static Extreme of(Aggregate.Call call, End end) {
        return new Extreme(call, end);
    }

    @Override
    public Value input(Row row) {
        Value value = argument.value(row);
        return switch (value) {
            case Null _, Value.BigInt _, Value.FloatingPoint _, Value.DateTime _, Value.Bit _ -> value;
            case Text text -> isText ? text : Parameter.NUMBER.taken(text).or(() -> Conversions.datetime(text))
                    .orElseThrow(() -> RuntimeFault.invalidArgument(name, 0, value, Parameter.NUMBER, span));
            case Value.Record _, Value.Array _ -> throw RuntimeFault.invalidArgument(name, 0, value, Parameter.NUMBER, span);
        };
    }

    @Override
    public Queue create() {
        return new Queue();
    }

    @Override
    public void add(Queue state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            add(state, new Candidate(state.come++, input));
        }
    }

    private void add(Queue state, Candidate candidate) {
        if (rows == Aggregate.Rows.ONLY_COME) {
            if (state.candidates.isEmpty() || beats(candidate.value, state.candidates.peekFirst().value)) {
                state.candidates.clear();
                state.candidates.addLast(candidate);
            }
            return;
        }
        while (!state.candidates.isEmpty() && beats(candidate.value, state.candidates.peekLast().value)) {
            state.candidates.pollLast();
        }
        state.candidates.addLast(candidate);
    }

    private boolean beats(Value one, Value other) {
        int order = ValueOrder.ASCENDING.compare(one, other);
        return switch (end) {
            case LEAST -> order < 0;
            case GREATEST -> order > 0;
        };
    }

    @Override
    public void remove(Queue state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            state.gone++;
            if (!state.candidates.isEmpty() && state.candidates.peekFirst().number < state.gone) {
                state.candidates.pollFirst();
            }
        }
    }

    @Override
    public void merge(Queue state, Queue later) {
        long shift = state.come - later.gone;
        Iterator<Candidate> candidates = later.candidates.iterator();
        while (candidates.hasNext()) {
            Candidate candidate = candidates.next();
            add(state, new Candidate(candidate.number + shift, candidate.value));
        }
        state.come += later.come - later.gone;
    }

    @Override
    public Value result(Queue state) {
        return state.candidates.isEmpty() ? Null.NULL : state.candidates.peekFirst().value;
    }

    @Override
    public boolean removes() {
        return rows == Aggregate.Rows.COME_AND_GO;
    }

    @Override
    public void write(Queue state, DataOutput out) throws IOException {
        out.writeLong(state.come);
        out.writeLong(state.gone);
        BinaryValues.writeCount(state.candidates.size(), out);
        for (Candidate candidate : state.candidates) {
            out.writeLong(candidate.number);
            BinaryValues.write(candidate.value, out);
        }
    }

    @Override
    public Queue read(DataInput in) throws IOException {
        Queue queue = new Queue();
        queue.come = in.readLong();
        queue.gone = in.readLong();
        for (int rest = BinaryValues.readCount(in); rest > 0; rest--) {
            long number = in.readLong();
            queue.candidates.addLast(new Candidate(number, BinaryValues.read(in)));
        }
        return queue;
    }
}
