package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import java.io.Serializable;
import java.util.List;

/// A window of GROUP BY: times after its start, up to and with its end. Lengths in ticks of 100 ns.
public sealed interface Window extends Serializable {
    record Tumbling(long size, long offset) implements Window {}

    record Hopping(long size, long hop, long offset) implements Window {}

    record Sliding(long size) implements Window {}

    /// @param over the keys by which sessions are kept apart; empty: one session over all events, whatever the groups
    record Session(long timeout, long maxDuration, List<Expression> over) implements Window {
        public Session {
            over = List.copyOf(over);
        }
    }

    /// `System.Timestamp()`: events of one time.
    record Snapshot() implements Window {}
}
