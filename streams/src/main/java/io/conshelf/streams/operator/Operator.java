package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What a step with memory does with the rows of one key. It knows nothing of who runs it: the deterministic driver of local runs and the operators of
/// Flink both keep its states, its rows in order and its times.
///
/// The host promises: rows of a key come in the order of their time (and of their arrival where times are equal), and only when the watermark has passed
/// them; then [#time] is called for a key when the watermark reaches what [#next] says. An operator is used by one thread and remembers nothing but in the
/// states.
///
/// @param <S> what it remembers of a key
public interface Operator<S> {
    /// When nothing is to be done by time.
    long NEVER = Long.MAX_VALUE;

    S create();

    /// @param input 0, or the number of the input for a step that reads several
    void row(S state, int input, Row row, Emit out);

    /// When [#time] must be called next for this key: as soon as no row at or before this time can come any more.
    long next(S state);

    /// @param watermark no row at or before this time can come any more
    void time(S state, long watermark, Emit out);

    /// Whether nothing is left to remember, so that the state can be thrown away.
    boolean isEmpty(S state);

    void write(S state, DataOutput out) throws IOException;

    S read(DataInput in) throws IOException;

    @FunctionalInterface
    interface Emit {
        void row(Row row);
    }
}
