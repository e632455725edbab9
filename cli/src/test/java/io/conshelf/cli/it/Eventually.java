package io.conshelf.cli.it;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Waits for what happens in its own time, with a limit.
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private Eventually() {}

    /// The first value that satisfies the condition, or the last one seen when the limit is reached.
    static <T> T holds(Supplier<T> value, Predicate<T> condition) {
        var deadline = Instant.now().plus(LIMIT);
        while (true) {
            var seen = value.get();
            if (condition.test(seen) || Instant.now().isAfter(deadline)) {
                return seen;
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
