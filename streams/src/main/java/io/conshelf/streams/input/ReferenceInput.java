package io.conshelf.streams.input;

import io.conshelf.streams.value.Value;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/// Reference data as a job reads it: snapshots, each valid from a time on. Serialisable by its definition.
public interface ReferenceInput extends Serializable {
    /// @param bytesMax how much of the heap a snapshot may take; one that takes more is a [SnapshotTooLarge], whoever asks for it
    Snapshots open(long bytesMax) throws InputException;

    Earlier earlier();

    /// What becomes of a snapshot when there is a newer one.
    enum Earlier {
        /// There is none but the first.
        NONE,
        /// The store has it as before.
        KEPT,
        /// Nobody can tell any more what it was.
        GONE
    }

    /// Belongs to one thread.
    interface Snapshots extends AutoCloseable {
        /// The snapshot to begin with: the newest that is valid at this time.
        ///
        /// @throws InputException where there is none: the job cannot start
        Snapshot first(long ticks) throws InputException, InterruptedException;

        /// One that became valid after the last one given, as soon as it is there; empty where there is none yet.
        ///
        /// @throws InputException where that cannot be told: each call says so until it can be again
        /// @throws BrokenSnapshot where it cannot be understood: the next call goes on to a newer one
        Optional<Snapshot> next() throws InputException, InterruptedException;

        /// One that was given before, as the store has it now; empty where that has it no longer, and where it keeps none.
        ///
        /// @throws BrokenSnapshot where it cannot be understood any more
        default Optional<Snapshot> again(long validFrom) throws InputException {
            return Optional.empty();
        }

        /// Asks the store for as little as tells whether it answers as the definition expects.
        ///
        /// @throws InputException with what is in the way
        void probe() throws InputException, InterruptedException;

        @Override
        void close();
    }

    /// @param validFrom in ticks
    record Snapshot(long validFrom, List<Value.Record> records) implements Serializable {
        public Snapshot {
            records = List.copyOf(records);
        }
    }
}
