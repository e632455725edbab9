package io.conshelf.streams.operator;

import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// One definition of a window over the rows of one group: when it ends, and of which rows.
///
/// @param <W> what it remembers of a group; mutable
interface GroupWindow<W> {
    W create();

    /// Windows that end before this row have been given out, where rows come by time.
    void row(W state, long ticks, Value[] inputs);

    /// When the next window ends.
    long next(W state);

    /// Gives out all windows that end at or before the watermark.
    void time(W state, long watermark, Results out);

    boolean isEmpty(W state);

    void write(W state, DataOutput out) throws IOException;

    W read(DataInput in) throws IOException;

    /// Windows are never empty.
    interface Results {
        void window(long end, Object[] accumulators);
    }
}
