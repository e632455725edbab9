package io.conshelf.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// DuckDB ends whichever query asks for memory when there is none, though another has it all. One that took next to nothing asks again until
/// the [MemoryWatch] has ended the other, or that has written to disk.
///
/// @param takenBytes what is put down to the query so far
/// @param nanos      the time, as of [System#nanoTime]
/// @param pause      waits for so many nanoseconds, or less
record MemoryPatience(BooleanSupplier othersAreAtWork, LongSupplier takenBytes, BooleanSupplier isStopped, LongSupplier nanos, LongConsumer pause) {
    /// About what the watch takes to find the one that is to end, twice.
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration AGAIN_AFTER = Duration.ofMillis(20);

    /// Who took this much is no bystander.
    private static final long BYSTANDER_BYTES_MAX = 16L << 20;

    MemoryPatience(BooleanSupplier othersAreAtWork, LongSupplier takenBytes, BooleanSupplier isStopped) {
        this(othersAreAtWork, takenBytes, isStopped, System::nanoTime, LockSupport::parkNanos);
    }

    /// What may be done once more from its beginning.
    interface Attempt<T> {
        T run() throws SQLException;
    }

    <T> T call(Attempt<T> attempt) throws SQLException {
        long end = nanos.getAsLong() + PATIENCE.toNanos();
        Optional<SQLException> first = Optional.empty();
        while (true) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                boolean mayAskAgain = Errors.lacksMemory(e) && othersAreAtWork.getAsBoolean() && !isStopped.getAsBoolean()
                        && takenBytes.getAsLong() < BYSTANDER_BYTES_MAX && nanos.getAsLong() - end < 0
                        // For such a thread there are no pauses.
                        && !Thread.currentThread().isInterrupted();
                if (!mayAskAgain) {
                    // What became of a statement that was asked again tells nothing of what was wrong with it.
                    throw first.orElse(e);
                }
                first = first.or(() -> Optional.of(e));
                pause.accept(AGAIN_AFTER.toNanos());
            }
        }
    }
}
