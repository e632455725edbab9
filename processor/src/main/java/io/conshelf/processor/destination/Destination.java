package io.conshelf.processor.destination;

import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where messages of one physical partition go. Belongs to one thread.
///
/// A checkpoint goes in two steps: [#prepare] makes durable what was accepted, without showing it where the destination can do that; the run keeps what it
/// returns with the state of the stages; [#commit] shows it. Only then are messages acknowledged to their source.
public interface Destination extends AutoCloseable {
    /// @throws StageException where this message cannot be written, now or ever: it is kept aside, and the others go on
    void accept(Message message) throws StageException, DestinationException, InterruptedException;

    /// When the batch that is being gathered ends by its time, if there is one.
    default Optional<Instant> due() {
        return Optional.empty();
    }

    /// @param checkpoint grows with every call, also over restarts
    /// @return what [#commit] needs; empty where nothing is left to do
    byte[] prepare(long checkpoint) throws DestinationException, InterruptedException;

    /// Shows what [#prepare] made durable. Done twice, also by another process after a crash, it changes nothing where the destination can tell.
    void commit(byte[] prepared) throws DestinationException, InterruptedException;

    /// Takes over what a destination of the same type, over the same folder, made durable and could not show. Done twice, it changes nothing.
    ///
    /// @return what [#commit] needs; empty where it cannot be shown here
    default Optional<byte[]> adopt(byte[] prepared) throws DestinationException, InterruptedException {
        return Optional.empty();
    }

    /// Keeps what [#prepare] made durable, and nobody will show, in files of its own for whoever looks after it. Done twice, it changes nothing.
    ///
    /// @return each of them: where it is, and what it was to be
    default List<Value> leave(byte[] prepared) throws DestinationException {
        return List.of();
    }

    /// A checkpoint is complete: what [#refused] told before it is kept.
    default void completed() {}

    /// What was committed and, as it turned out later, was not taken; each is told once, and where [#completed] does not follow, again by whoever goes on. It does
    /// not wait.
    default List<Refused> refused() throws DestinationException, InterruptedException {
        return List.of();
    }

    /// How much was committed of which [#refused] may still tell; 0 where that is known with the commit.
    default int followed() {
        return 0;
    }

    /// Whether so much is followed that no checkpoint is to be made until [#refused] has learned of some. One that is made all the same is kept.
    default boolean isFull() {
        return false;
    }

    /// Nobody will ask [#refused] any more: what is followed is left in files of its own. Where [#completed] does not follow, it is told again.
    default List<Refused> abandon() throws DestinationException {
        return List.of();
    }

    @Override
    void close();

    /// Parts that were not taken. The message says where they are to be found, where they are anywhere.
    ///
    /// @param left what whoever looks after them finds of each: they become dead letters
    record Refused(String code, String message, long count, List<Value> left) {
        public Refused {
            left = List.copyOf(left);
        }

        public Refused(String code, String message, long count) {
            this(code, message, count, List.of());
        }

        public Refused(String code, String message) {
            this(code, message, 1);
        }
    }
}
