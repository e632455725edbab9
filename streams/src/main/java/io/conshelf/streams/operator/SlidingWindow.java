package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;

/// A window at each instant at which its content changes: when rows come and when they leave, once an instant, and not when nothing is left.
final class SlidingWindow implements GroupWindow<SlidingWindow.Content> {
    private final Accumulators accumulators;
    private final long size;

    SlidingWindow(Accumulators accumulators, long size) {
        this.accumulators = accumulators;
        this.size = size;
    }

    private record Entry(long ticks, Value[] inputs) {}

    static final class Content {
        private final ArrayDeque<Entry> entries = new ArrayDeque<>();
        private Object[] accumulators;
        /// When rows came for which no window was given out yet.
        private long entered = Operator.NEVER;
    }

    @Override
    public Content create() {
        Content content = new Content();
        content.accumulators = accumulators.create();
        return content;
    }

    @Override
    public void row(Content state, long ticks, Value[] inputs) {
        state.entries.add(new Entry(ticks, inputs));
        accumulators.add(state.accumulators, ticks, inputs);
        state.entered = ticks;
    }

    @Override
    public long next(Content state) {
        return state.entries.isEmpty() ? Operator.NEVER : Math.min(state.entered, state.entries.getFirst().ticks + size);
    }

    @Override
    public void time(Content state, long watermark, Results out) {
        for (long instant = next(state); instant <= watermark && instant != Operator.NEVER; instant = next(state)) {
            leave(state, instant - size);
            if (instant == state.entered) {
                state.entered = Operator.NEVER;
            }
            if (!state.entries.isEmpty()) {
                out.window(instant, state.accumulators);
            }
        }
    }

    private void leave(Content state, long upTo) {
        boolean left = false;
        while (!state.entries.isEmpty() && state.entries.getFirst().ticks <= upTo) {
            Entry entry = state.entries.removeFirst();
            left = true;
            if (accumulators.removes()) {
                accumulators.remove(state.accumulators, entry.ticks, entry.inputs);
            }
        }
        // what is empty starts anew: nothing of a float's rounding is carried along
        if (left && (state.entries.isEmpty() || !accumulators.removes())) {
            state.accumulators = accumulators.create();
            for (Entry entry : state.entries) {
                accumulators.add(state.accumulators, entry.ticks, entry.inputs);
            }
        }
    }

    @Override
    public boolean isEmpty(Content state) {
        return state.entries.isEmpty();
    }

    @Override
    public void write(Content state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.entries.size(), out);
        for (Entry entry : state.entries) {
            out.writeLong(entry.ticks);
            BinaryValues.writeAll(entry.inputs, out);
        }
        out.writeLong(state.entered);
        accumulators.write(state.accumulators, out);
    }

    @Override
    public Content read(DataInput in) throws IOException {
        Content state = new Content();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            state.entries.add(new Entry(in.readLong(), BinaryValues.readAll(in)));
        }
        state.entered = in.readLong();
        state.accumulators = accumulators.read(in);
        return state;
    }
}
