package io.conshelf.engine;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what something else does, or fails. How long that takes is no matter: the limit is only for what never comes.
public final class Await {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final long PAUSE_NANOS = 5_000_000;

    private Await() {}

    /// @param what is to come true, for the failure
    public static void until(String what, BooleanSupplier isTrue) {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!isTrue.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("waited for %s in vain", what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
