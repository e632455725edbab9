package io.conshelf.engine;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// DuckDB ends whichever query asks for memory when there is none, though another has it all. One that took next to nothing, and wants no more,
/// asks again while one that took much is at work, which the [MemoryWatch] ends for it before long.
final class MemoryPatience {
    /// Where nobody at work took much: shares are an estimate, and what a query leaves is free a little later.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// Who has the memory may be about to end, or to have written to disk.
    private static final Duration LONG = Duration.ofMillis(500);
    private static final int LONG_ATTEMPTS_MAX = 3;
    private static final Duration AGAIN_AFTER = Duration.ofMillis(20);

    /// Who took this much, or asks for it at once, is no bystander.
    static final long BYSTANDER_BYTES_MAX = 16L << 20;

    /// As DuckDB tells what it could not give. What it could not write to disk is of anybody.
    private static final Pattern WANTED = Pattern.compile("Out of Memory Error: (?!failed to offload)[a-z ]+ of size ([0-9.]+) ([KMGTPE])iB");
    private static final String POWERS_OF_1024 = " KMGTPE";

    private final Others others;
    private final LongSupplier takenBytes;
    private final BooleanSupplier isStopped;
    private final LongSupplier nanos;
    private final LongConsumer pause;
    // While it does: since when it has been asking.
    private volatile OptionalLong waitsSince = OptionalLong.empty();

    /// @param takenBytes what is put down to the query so far
    MemoryPatience(Others others, LongSupplier takenBytes, BooleanSupplier isStopped) {
        this(others, takenBytes, isStopped, System::nanoTime, LockSupport::parkNanos);
    }

    /// @param nanos the time, as of [System#nanoTime]
    /// @param pause waits for so many nanoseconds, or less
    MemoryPatience(Others others, LongSupplier takenBytes, BooleanSupplier isStopped, LongSupplier nanos, LongConsumer pause) {
        this.others = others;
        this.takenBytes = takenBytes;
        this.isStopped = isStopped;
        this.nanos = nanos;
        this.pause = pause;
    }

    /// The requests beside the one that waits.
    interface Others {
        boolean areAtWork();

        /// Whether one of them is no bystander itself, and there is no memory because of that.
        boolean haveMemory();
    }

    /// What may be done once more from its beginning.
    interface Attempt<T> {
        T run() throws SQLException;
    }

    /// Whether it found no memory and is about to ask again.
    boolean isWaiting() {
        return waitsSince.isPresent();
    }

    /// Whether it has found none for so long that somebody is to end for it.
    boolean hasWaitedLong() {
        OptionalLong since = waitsSince;
        return since.isPresent() && nanos.getAsLong() - since.getAsLong() >= LONG.toNanos();
    }

    <T> T call(Attempt<T> attempt) throws SQLException {
        Optional<SQLException> first = Optional.empty();
        int attempts = 0;
        long askedSince = 0;
        long patientSince = 0;
        while (true) {
            // Who was there when it asked may be gone when it hears that there is none.
            boolean isBesideOthers = others.areAtWork();
            long began = nanos.getAsLong();
            attempts++;
            try {
                return attempt.run();
            } catch (SQLException e) {
                long now = nanos.getAsLong();
                if (first.isEmpty() || others.haveMemory()) {
                    patientSince = now;
                }
                boolean mayAskAgain = Errors.lacksMemory(e) && (isBesideOthers || others.areAtWork()) && !isStopped.getAsBoolean()
                        && takenBytes.getAsLong() < BYSTANDER_BYTES_MAX && wantedBytes(e) < BYSTANDER_BYTES_MAX && now - patientSince < PATIENCE.toNanos()
                        // For such a thread there are no pauses.
                        && !Thread.currentThread().isInterrupted();
                if (!mayAskAgain) {
                    throw Errors.lacksMemory(e) || isStopped.getAsBoolean() ? first.orElse(e) : e;
                }
                // An attempt that got that far had memory; not so all of them on a slow machine.
                if (first.isEmpty() || attempts <= LONG_ATTEMPTS_MAX && now - began >= LONG.toNanos()) {
                    askedSince = now;
                }
                first = first.or(() -> Optional.of(e));
                waitsSince = OptionalLong.of(askedSince);
                pause.accept(AGAIN_AFTER.toNanos());
                waitsSince = OptionalLong.empty();
            }
        }
    }

    /// 0 where it does not say.
    private static double wantedBytes(SQLException e) {
        Matcher wanted = WANTED.matcher(String.valueOf(e.getMessage()));
        return wanted.lookingAt() ? Double.parseDouble(wanted.group(1)) * Math.pow(1024, POWERS_OF_1024.indexOf(wanted.group(2))) : 0;
    }
}
