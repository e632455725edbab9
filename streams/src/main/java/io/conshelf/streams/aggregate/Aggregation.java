package io.conshelf.streams.aggregate;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// An aggregate function made ready to run: what it takes of a row, what it remembers of the rows it has taken, and what comes of them. Belongs to one
/// thread and remembers nothing itself, so one serves the groups of a step.
///
/// The model of an anomaly detection is one, too: [#result] is the verdict on the row taken last.
///
/// @param <A> what it remembers of a group; mutable
public interface Aggregation<A> {
    /// What is taken of a row, and kept as long as the row may have to be removed again: the argument, or the argument and what it is ordered by.
    Value input(Row row);

    A create();

    /// @param ticks the time of the row
    void add(A state, long ticks, Value input);

    /// Takes back what was added longest ago. Only where [#removes].
    void remove(A state, long ticks, Value input);

    /// Adds what another has taken, all of it later than (or beside) its own, which stays as it is. Only where [#merges].
    void merge(A state, A later);

    Value result(A state);

    /// Whether [#remove] works; otherwise what has lost a row is made anew of those that remain.
    default boolean removes() {
        return true;
    }

    /// Whether [#merge] works; otherwise every window that a row is in takes it.
    default boolean merges() {
        return true;
    }

    void write(A state, DataOutput out) throws IOException;

    A read(DataInput in) throws IOException;
}
