package io.conshelf.streams.input;

import java.io.Serializable;
import java.util.List;

/// A stream input as a job reads it. It knows nothing of who reads: the sources of Flink and a local run use it alike. Serialisable by its definition; it
/// connects where it is opened.
public interface EventInput extends Serializable {
    /// The parts it is read in, each by itself and in its order. Asked again now and then: parts may come, none goes.
    List<String> partitions() throws InputException, InterruptedException;

    EventPartition open(String partition, Start start) throws InputException, InterruptedException;

    /// Whether it ends: when all of its partitions have ended, so has the input.
    default boolean isBounded() {
        return false;
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
