package io.conshelf.streams.local;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import java.util.concurrent.CancellationException;

/// How many rows a run may hold, over all its steps; and whether it is to go on at all. Belongs to one thread.
final class RowRoom {
    private static final int BETWEEN_LOOKS = 256;

    private final long max;
    private long rows;

    RowRoom(long max) {
        this.max = max;
    }

    static RowRoom endless() {
        return new RowRoom(Long.MAX_VALUE);
    }

    /// One more.
    ///
    /// @throws RuntimeFault           where there are too many
    /// @throws CancellationException where the thread is interrupted
    void row() {
        if (++rows > max) {
            throw new RuntimeFault("The query makes more than " + max + " rows in its steps.", Span.NONE);
        }
        if (rows % BETWEEN_LOOKS == 0 && Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the run is to end");
        }
    }
}
