package io.conshelf.streams.input;

import java.io.Serializable;
import java.util.List;

/// A stream input as a job reads it. It knows nothing of who reads: the sources of Flink and a local run use it alike. Serialisable by its definition; it
/// connects where it is opened.
public interface EventInput extends Serializable {
    /// The parts it is read in, each by itself and in its order. Asked again now and then: parts may come, none goes.
    List<String> partitions() throws InputException, InterruptedException;

    /// Asks the store for as little as tells whether it answers as the definition expects.
    ///
    /// @throws InputException with what is in the way
    default void probe() throws InputException, InterruptedException {
        partitions();
    }

    EventPartition open(String partition, Start start) throws InputException, InterruptedException;

    /// The input as this reader reads it, for stores that remember who reads.
    ///
    /// @param reader the same whenever it goes on; nobody else has this name
    /// @param number from 0 on, of those in its job that read the same input
    default EventInput readBy(String reader, int number) {
        return this;
    }

    /// Whether it ends: when all of its partitions have ended, so has the input.
    default boolean isBounded() {
        return false;
    }

    /// Whether its events have arrival times of their own. Files of a local run have not: then nothing is late or early.
    default boolean tellsArrival() {
        return true;
    }

    /// Whether it still has what was read, for a job that begins anew before where it was.
    default boolean canBeReadAgain() {
        return true;
    }

    /// How many can read it side by side at most, as far as is known before it is opened.
    default int partitionsMax() {
        return Integer.MAX_VALUE;
    }

    /// Columns each of whose values is in events of one partition alone, so that partitions can be worked with apart.
    default List<String> partitionedBy() {
        return List.of();
    }

    sealed interface Start extends Serializable {
        /// Everything there is.
        record Earliest() implements Start {}

        /// Events that arrived at or after this time, in ticks. Earlier ones may come, too, where the store cannot tell.
        record From(long ticks) implements Start {}

        /// Where [EventPartition#position] was.
        record At(byte[] position) implements Start {}
    }
}
