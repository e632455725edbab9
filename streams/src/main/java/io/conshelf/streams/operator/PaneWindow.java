package io.conshelf.streams.operator;

import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/// Tumbling and hopping windows. A row is taken once, by the pane it falls into, and a window is the sum of its panes; a tumbling window has one. Where an
/// aggregate cannot be merged, each window is its own pane and takes all its rows.
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
        private int count;
        private long given = Long.MIN_VALUE;
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
        int place = state.count - 1;
        while (place >= 0 && state.ends[place] > end) {
            place--;
        }
        if (place >= 0 && state.ends[place] == end) {
            return state.accumulators[place];
        }
        place++;
        if (state.count == state.ends.length) {
            state.ends = Arrays.copyOf(state.ends, state.count * 2);
            state.accumulators = Arrays.copyOf(state.accumulators, state.count * 2);
        }
        System.arraycopy(state.ends, place, state.ends, place + 1, state.count - place);
        System.arraycopy(state.accumulators, place, state.accumulators, place + 1, state.count - place);
        state.count++;
        state.ends[place] = end;
        state.accumulators[place] = accumulators.create();
        return state.accumulators[place];
    }

    @Override
    public long next(Panes state) {
        if (state.count == 0) {
            return Operator.NEVER;
        }
        if (!shared) {
            return state.ends[0];
        }
        long first = Alignment.end(state.ends[0], hop, offset);
        return first > state.given ? first : Math.max(first, state.given + hop);
    }

    @Override
    public void time(Panes state, long watermark, Results out) {
        for (long end = next(state); end <= watermark && end != Operator.NEVER; end = next(state)) {
            if (!shared) {
                out.window(end, state.accumulators[0]);
                drop(state, 1);
                continue;
            }
            int upTo = 0;
            while (upTo < state.count && state.ends[upTo] <= end) {
                upTo++;
            }
            // a pane that starts before the window does not belong to it
            int from = 0;
            while (from < upTo && state.ends[from] <= end - size) {
                from++;
            }
            if (from < upTo) {
                out.window(end, sum(state, from, upTo));
            }
            state.given = end;
            int done = 0;
            while (done < upTo && state.ends[done] <= end + hop - size) {
                done++;
            }
            drop(state, done);
        }
    }

    private Object[] sum(Panes state, int from, int upTo) {
        if (upTo - from == 1) {
            return state.accumulators[from];
        }
        Object[] sum = accumulators.create();
        for (int i = from; i < upTo; i++) {
            accumulators.merge(sum, state.accumulators[i]);
        }
        return sum;
    }

    private static void drop(Panes state, int first) {
        int left = state.count - first;
        System.arraycopy(state.ends, first, state.ends, 0, left);
        System.arraycopy(state.accumulators, first, state.accumulators, 0, left);
        Arrays.fill(state.accumulators, left, state.count, null);
        state.count = left;
    }

    @Override
    public boolean isEmpty(Panes state) {
        return state.count == 0;
    }

    @Override
    public void write(Panes state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.count, out);
        out.writeLong(state.given);
        for (int i = 0; i < state.count; i++) {
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
