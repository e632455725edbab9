package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Tumbling and hopping windows. A row is taken once, by the pane it falls into, and a window is the sum of its panes; a tumbling window has one. Where an
/// aggregate cannot be merged, each window is its own pane and takes all its rows.
///
/// The sum is not made anew for each window: sums of the older panes up to a point are kept for each beginning, and one sum of those after it, so a window
/// costs a few merges however many panes it has ([Sums]).
final class PaneWindow implements GroupWindow<PaneWindow.Panes> {
    private final Accumulators accumulators;
    private final long size;
    private final long hop;
    private final long offset;
    private final long pane;
    private final boolean shared;

    PaneWindow(Accumulators accumulators, long size, long hop, long offset) {
        this.accumulators = accumulators;
        this.size = size;
        this.hop = hop;
        this.offset = offset;
        this.shared = size != hop && accumulators.merges();
        this.pane = shared ? divisor(size, hop) : hop;
    }

    /// Panes with rows, by their ends, and the last end given out.
    static final class Panes {
        private long[] ends = new long[1];
        private Object[][] accumulators = new Object[1][];
        private int head;
        private int count;
        private long given = Long.MIN_VALUE;
        private Sums sums = Sums.NONE;

        /// The first place, from the head on, whose end is after this one.
        private int after(long end) {
            int low = head;
            int high = head + count;
            while (low < high) {
                int middle = low + high >>> 1;
                if (ends[middle] <= end) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        private void dropBefore(int place) {
            for (int i = head; i < place; i++) {
                accumulators[i] = null;
            }
            count -= place - head;
            head = count == 0 ? 0 : place;
        }
    }

    /// What is kept of a window's panes beside them; made again from them when it is not there.
    private static final class Sums {
        private static final Sums NONE = new Sums(new long[0], new Object[0][], new Object[0]);

        /// The ends of the older panes, and the sum of each and those after it up to the last of them.
        private final long[] ends;
        private final Object[][] fromEach;
        private int first;
        /// The sum of the panes after those, up to the last window.
        private final Object[] later;
        private boolean hasLater;

        private Sums(long[] ends, Object[][] fromEach, Object[] later) {
            this.ends = ends;
            this.fromEach = fromEach;
            this.later = later;
        }
    }

    @Override
    public Panes create() {
        return new Panes();
    }

    @Override
    public void row(Panes state, long ticks, Value[] inputs) {
        long end = Alignment.end(ticks, pane, offset);
        if (shared) {
            accumulators.add(at(state, end), ticks, inputs);
            return;
        }
        for (; end - size < ticks; end += hop) {
            accumulators.add(at(state, end), ticks, inputs);
        }
    }

    /// The pane of this end, made where there is none. Mostly it is the last.
    private Object[] at(Panes state, long end) {
        int place = state.head + state.count - 1;
        while (place >= state.head && state.ends[place] > end) {
            place--;
        }
        if (place >= state.head && state.ends[place] == end) {
            return state.accumulators[place];
        }
        int behind = state.head + state.count - 1 - place;
        if (state.head + state.count == state.ends.length) {
            room(state);
        }
        place = state.head + state.count - behind;
        System.arraycopy(state.ends, place, state.ends, place + 1, behind);
        System.arraycopy(state.accumulators, place, state.accumulators, place + 1, behind);
        state.count++;
        state.ends[place] = end;
        state.accumulators[place] = accumulators.create();
        return state.accumulators[place];
    }

    private static void room(Panes state) {
        int length = state.head > state.ends.length / 2 ? state.ends.length : state.ends.length * 2;
        long[] ends = new long[length];
        Object[][] accumulators = new Object[length][];
        System.arraycopy(state.ends, state.head, ends, 0, state.count);
        System.arraycopy(state.accumulators, state.head, accumulators, 0, state.count);
        state.ends = ends;
        state.accumulators = accumulators;
        state.head = 0;
    }

    @Override
    public long next(Panes state) {
        if (state.count == 0) {
            return Operator.NEVER;
        }
        long earliest = state.ends[state.head];
        if (!shared) {
            return earliest;
        }
        long first = Alignment.end(earliest, hop, offset);
        return first > state.given ? first : Math.max(first, state.given + hop);
    }

    @Override
    public void time(Panes state, long watermark, Results out) {
        for (long end = next(state); end <= watermark && end != Operator.NEVER; end = next(state)) {
            if (!shared) {
                out.window(end, state.accumulators[state.head]);
                state.dropBefore(state.head + 1);
                continue;
            }
            // a pane that starts before the window does not belong to it
            int from = state.after(end - size);
            int upTo = state.after(end);
            if (from < upTo) {
                out.window(end, sum(state, from, upTo, end));
            }
            state.given = end;
            state.dropBefore(Math.min(upTo, state.after(end + hop - size)));
        }
        if (state.count == 0) {
            state.sums = Sums.NONE;
        }
    }

    /// Of the panes from one place up to another, all of which have had their last row.
    private Object[] sum(Panes state, int from, int upTo, long end) {
        if (upTo - from == 1) {
            state.sums = Sums.NONE;
            return state.accumulators[from];
        }
        Sums sums = state.sums;
        while (sums.first < sums.ends.length && sums.ends[sums.first] <= end - size) {
            sums.first++;
        }
        if (sums.first == sums.ends.length) {
            state.sums = older(state, from, upTo);
            return state.sums.fromEach[0];
        }
        for (int i = state.after(state.given); i < upTo; i++) {
            accumulators.merge(sums.later, state.accumulators[i]);
            sums.hasLater = true;
        }
        if (!sums.hasLater) {
            return sums.fromEach[sums.first];
        }
        Object[] sum = accumulators.create();
        accumulators.merge(sum, sums.fromEach[sums.first]);
        accumulators.merge(sum, sums.later);
        return sum;
    }

    private Sums older(Panes state, int from, int upTo) {
        long[] ends = new long[upTo - from];
        Object[][] fromEach = new Object[upTo - from][];
        for (int i = ends.length - 1; i >= 0; i--) {
            ends[i] = state.ends[from + i];
            fromEach[i] = accumulators.create();
            accumulators.merge(fromEach[i], state.accumulators[from + i]);
            if (i + 1 < ends.length) {
                accumulators.merge(fromEach[i], fromEach[i + 1]);
            }
        }
        return new Sums(ends, fromEach, accumulators.create());
    }

    @Override
    public boolean isEmpty(Panes state) {
        return state.count == 0;
    }

    @Override
    public void write(Panes state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.count, out);
        out.writeLong(state.given);
        for (int i = state.head; i < state.head + state.count; i++) {
            out.writeLong(state.ends[i]);
            accumulators.write(state.accumulators[i], out);
        }
    }

    @Override
    public Panes read(DataInput in) throws IOException {
        Panes state = new Panes();
        state.count = BinaryValues.readCount(in);
        state.given = in.readLong();
        state.ends = new long[Math.max(1, state.count)];
        state.accumulators = new Object[Math.max(1, state.count)][];
        for (int i = 0; i < state.count; i++) {
            state.ends[i] = in.readLong();
            state.accumulators[i] = accumulators.read(in);
        }
        return state;
    }

    private static long divisor(long one, long other) {
        return other == 0 ? one : divisor(other, one % other);
    }
}
