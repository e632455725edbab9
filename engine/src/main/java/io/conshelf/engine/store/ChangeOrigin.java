package io.conshelf.engine.store;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/// On whose behalf transactions are made, and what is to be remembered together with them. Transactions find it on the thread
/// that asks for them.
public interface ChangeOrigin {
    /// What the cluster does by itself, such as dropping old extents.
    ChangeOrigin CLUSTER = new ChangeOrigin() {
        private static final Author AUTHOR = new Author("", "", "", new UUID(0, 0), "");

        @Override
        public Author author() {
            return AUTHOR;
        }

        @Override
        public Optional<DataOperation.Kind> dataOperation() {
            return Optional.of(DataOperation.Kind.BATCH_INGEST);
        }

        @Override
        public List<LogEntry> committing(LogHome home) {
            return List.of();
        }

        @Override
        public void committed(LogHome home) {
            // nothing waits for it
        }
    };

    /// @param principal fully qualified
    /// @param command   as it was written, its secrets masked
    record Author(String principal, String user, String clientRequestId, UUID activityId, String command) {}

    Author author();

    /// What its new extents are; nothing where they only hold rows that were there.
    Optional<DataOperation.Kind> dataOperation();

    /// Entries for the log of a database, in the transaction that is about to be committed to it. Asked again where the commit
    /// is tried again.
    List<LogEntry> committing(LogHome home);

    /// A transaction with what [#committing] gave is durable.
    void committed(LogHome home);

    static ChangeOrigin current() {
        return Bound.CURRENT.orElse(CLUSTER);
    }

    /// Runs work whose transactions are of this origin.
    default <T> T call(Supplier<T> work) {
        return ScopedValue.where(Bound.CURRENT, this).call(work::get);
    }

    /// Work for another thread that is of the origin of this one.
    static <T> Callable<T> carried(Callable<T> work) {
        var origin = current();
        return () -> ScopedValue.where(Bound.CURRENT, origin).call(work::call);
    }

    /// Where the current one is kept.
    final class Bound {
        private static final ScopedValue<ChangeOrigin> CURRENT = ScopedValue.newInstance();

        private Bound() {}
    }
}
