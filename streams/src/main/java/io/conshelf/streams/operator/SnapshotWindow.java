package io.conshelf.streams.operator;

import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/// Rows of one time.
final class SnapshotWindow implements GroupWindow<TreeMap<Long, Object[]>> {
    private final Accumulators accumulators;

    SnapshotWindow(Accumulators accumulators) {
        this.accumulators = accumulators;
    }

    @Override
    public TreeMap<Long, Object[]> create() {
        return new TreeMap<>();
    }

    @Override
    public void row(TreeMap<Long, Object[]> state, long ticks, Value[] inputs) {
        accumulators.add(state.computeIfAbsent(ticks, _ -> accumulators.create()), ticks, inputs);
    }

    @Override
    public long next(TreeMap<Long, Object[]> state) {
        return state.isEmpty() ? Operator.NEVER : state.firstKey();
    }

    @Override
    public void time(TreeMap<Long, Object[]> state, long watermark, Results out) {
        while (!state.isEmpty() && state.firstKey() <= watermark) {
            Map.Entry<Long, Object[]> first = state.pollFirstEntry();
            out.window(first.getKey(), first.getValue());
        }
    }

    @Override
    public boolean isEmpty(TreeMap<Long, Object[]> state) {
        return state.isEmpty();
    }

    @Override
    public void write(TreeMap<Long, Object[]> state, DataOutput out) throws IOException {
        out.writeInt(state.size());
        for (Map.Entry<Long, Object[]> entry : state.entrySet()) {
            out.writeLong(entry.getKey());
            accumulators.write(entry.getValue(), out);
        }
    }

    @Override
    public TreeMap<Long, Object[]> read(DataInput in) throws IOException {
        var state = create();
        for (int count = in.readInt(); count > 0; count--) {
            state.put(in.readLong(), accumulators.read(in));
        }
        return state;
    }
}
