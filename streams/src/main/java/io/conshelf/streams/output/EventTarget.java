package io.conshelf.streams.output;

import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.value.Row;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Where the rows of an output go. It knows nothing of who writes: a Flink sink and a local run use it alike. Serialisable by its definition: whoever
/// writes opens it anew from the output's JSON.
public interface EventTarget extends AutoCloseable {
    /// Before a job starts: everything that is wrong with the target, such as a table without a column of the query. Empty when all is well.
    ///
    /// @param columns the output's columns as far as the query tells them; empty where it has `*`
    List<String> check(List<String> columns) throws OutputException, InterruptedException;

    /// The same, for what a plan knows of an output.
    default List<String> check(Plan.Output output) throws OutputException, InterruptedException {
        return check(output.columns());
    }

    /// @param writer names who writes: the same after a restart, and never two at a time
    Writer open(String writer) throws OutputException;

    /// What its writers leave for after a checkpoint, in [Writer#prepare] or [Holding#held], in the words of a message: empty where they leave nothing. Only a
    /// target of the same place that keeps the same can go on with it.
    default Optional<String> keeps() {
        return Optional.empty();
    }

    @Override
    void close();

    /// Rows that were written, and that the target did not take when it came to them.
    ///
    /// @param type as that of [RowRefused]
    record Refused(String type, String message, long rows) {}

    /// One of several that write side by side. Belongs to one thread.
    interface Writer extends AutoCloseable {
        /// @throws RowRefused where this row cannot be written, now or ever: the output error policy decides what becomes of it
        void write(Row row) throws OutputException, InterruptedException;

        /// Called every few milliseconds: what waits may be sent, so that it is seen early.
        default void flush() throws OutputException, InterruptedException {}

        /// What was refused since the last call. Asked after every call of the others; each is told once.
        default List<Refused> refused() {
            return List.of();
        }

        /// Makes durable what was written since the last call, without showing it where the target can do that; returns what [#commit] needs to show it,
        /// empty where nothing is left to do. A target without such a stage writes at least once: it is all there when this returns.
        ///
        /// @param checkpoint grows with every call
        byte[] prepare(long checkpoint) throws OutputException, InterruptedException;

        /// Shows what [#prepare] made durable. Done twice, also by another process after a crash, it changes nothing.
        void commit(byte[] prepared) throws OutputException, InterruptedException;

        @Override
        void close();
    }

    /// A writer that holds rows back for a larger file: for longer than a checkpoint, which therefore holds them too.
    interface Holding extends Writer {
        /// What is still held back once all was prepared, in any number of parts.
        List<byte[]> held();

        /// Holds back what such writers held before, of which each part is given to one.
        void takeUp(byte[] held) throws OutputException;

        /// The time of the earliest row that is held back.
        OptionalLong heldFrom();

        /// Rows up to this time have come.
        void passed(long ticks);

        /// All that is held back goes with what is prepared next: the job ends, or nobody would take it up.
        void letGo();
    }
}
