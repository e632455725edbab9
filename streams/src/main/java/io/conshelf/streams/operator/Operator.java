package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// What a step with memory does with the rows of one key ([StepKeys] tells the key of a row). It knows nothing of who runs it: the deterministic driver of
/// local runs and the operators of Flink both keep its states, its rows in order and its times. An operator is used by one thread and remembers nothing but
/// in the states.
///
/// The host promises:
/// - Rows of a key come in the order of their time, over all inputs (and of their arrival where times are equal), each only when the watermark has reached
///   its time: no row before it can come any more. Where [#order] is ANY, rows may come as they are, as long as none is at or before the watermark.
/// - [#time] is called for a key when the watermark has reached what [#next] said last; rows up to the watermark have come by then. It may be called at
///   other times, too. What was due before a row is done by [#row] itself, so a host need not stop between rows.
/// - Rows given out have times up to the watermark, and no earlier than [#lag] before the watermark of the call before: the host passes on its watermark
///   less this lag.
///
/// @param <S> what it remembers of a key; mutable
public interface Operator<S> {
    /// When nothing is to be done by time.
    long NEVER = Long.MAX_VALUE;

    S create();

    /// @param input 0, or the number of the input for a step that reads several: a join's left is 0, its right 1
    void row(S state, int input, Row row, Emit out);

    /// When [#time] must be called next for this key: as soon as no row at or before this time can come any more.
    long next(S state);

    /// @param watermark no row at or before this time can come any more
    void time(S state, long watermark, Emit out);

    /// Whether nothing is left to remember, so that the state can be thrown away.
    boolean isEmpty(S state);

    void write(S state, DataOutput out) throws IOException;

    S read(DataInput in) throws IOException;

    default Order order() {
        return Order.BY_TIME;
    }

    /// In ticks of 100 ns.
    default long lag() {
        return 0;
    }

    enum Order { BY_TIME, ANY }

    @FunctionalInterface
    interface Emit {
        void row(Row row);
    }
}
