package io.conshelf.processor.destination;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How often something is tried again, and after which pauses: a stage's `retry`.
public sealed interface Retry {
    /// What a stage has that states nothing, and `default`.
    Retry DEFAULT = new Exponential(Duration.ofMillis(500), 3, Duration.ofDays(1));

    /// @param attempt that failed, from 1 on
    /// @return how long to wait before the next one; negative where there is none
    Duration pause(int attempt, RandomGenerator random);

    record None() implements Retry {
        @Override
        public Duration pause(int attempt, RandomGenerator random) {
            return Duration.ofNanos(-1);
        }
    }

    record Fixed(Duration interval, int retriesMax) implements Retry {
        @Override
        public Duration pause(int attempt, RandomGenerator random) {
            return attempt > retriesMax ? Duration.ofNanos(-1) : interval;
        }
    }

    /// The n-th pause is random between the interval and its 2ⁿ-fold, and never longer than the longest one.
    record Exponential(Duration interval, int retriesMax, Duration intervalMax) implements Retry {
        /// One can be added to it.
        private static final long MOST_NANOS = Long.MAX_VALUE - 1;

        @Override
        public Duration pause(int attempt, RandomGenerator random) {
            if (attempt > retriesMax) {
                return Duration.ofNanos(-1);
            }
            long shortest = Math.min(interval.toNanos(), MOST_NANOS);
            long longest = shortest > MOST_NANOS >> attempt ? MOST_NANOS : shortest << attempt;
            return Duration.ofNanos(Math.min(intervalMax.toNanos(), random.nextLong(shortest, longest + 1)));
        }
    }
}
