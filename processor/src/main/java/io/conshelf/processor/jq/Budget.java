package io.conshelf.processor.jq;

import java.time.Duration;

/// What one evaluation may use.
///
/// @param steps   calls and results
/// @param depth   functions within functions, and values within values
/// @param outputs results of the whole program
/// @param bytes   of one text, array or object that it makes, roughly
/// @param time    of the clock
public record Budget(long steps, int depth, int outputs, long bytes, Duration time) {
    public static final Budget DEFAULT = new Budget(10_000_000, 2_000, 100_000, 64L << 20, Duration.ofSeconds(30));

    /// A program that went beyond it; `try` does not catch this.
    public static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exceeded(String what) {
            super(what, null, false, false);
        }
    }
}
