package io.conshelf.streams.input;

import io.conshelf.streams.value.Value;
import java.time.Duration;

/// A part of an input that is being read. Belongs to one thread.
public interface EventPartition extends AutoCloseable {
    /// Gives what is there, waiting for so long where nothing is; a bounded number of events at a time, and none more once [Events#isFull], where
    /// the store lets it. Returns early when interrupted or [#wakeUp] is called.
    void poll(Duration wait, Events out) throws InputException, InterruptedException;

    /// Behind what [#poll] gave last; opened there, the partition goes on with the next event.
    byte[] position();

    /// The same, for who asks after each poll and needs the bytes now and then.
    default Position reached() {
        byte[] position = position();
        return () -> position;
    }

    /// What [#position] was. Other threads may ask for it, at any time.
    @FunctionalInterface
    interface Position {
        byte[] bytes();
    }

    /// Whether nothing will come any more.
    boolean isEnded();

    /// What has arrived and has not been read yet, in messages; 0 where everything has, -1 where nobody knows.
    long backlog();

    /// What lies before this position is safe: it will not be asked for again.
    default void acknowledge(byte[] position) throws InputException, InterruptedException {}

    /// Ends a wait. The one method that other threads may call.
    default void wakeUp() {}

    @Override
    void close();

    /// Takes what is read.
    interface Events {
        /// @param arrivalTicks when the store got it
        void event(Value.Record event, long arrivalTicks);

        /// What cannot be read as events is counted and told by name; the job goes on.
        void broken(DataError error);

        /// Whether what was given is enough for now: events may be few, and large.
        default boolean isFull() {
            return false;
        }

        /// What the store had and has lost is told, too.
        ///
        /// @param count of messages
        default void lost(DataError error, long count) {
            broken(error);
        }

        /// What an event came from, in bytes of the store.
        default void read(long messages, long bytes) {}
    }
}
