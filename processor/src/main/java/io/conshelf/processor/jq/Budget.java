package io.conshelf.processor.jq;

/// What one evaluation may use.
///
/// @param steps   calls and results
/// @param depth   functions within functions, and values within values
/// @param outputs results of the whole program
/// @param bytes   of one text, array or object that it makes, roughly
public record Budget(long steps, int depth, int outputs, long bytes) {
    public static final Budget DEFAULT = new Budget(10_000_000, 2_000, 100_000, 64L << 20);

    /// A program that went beyond it; `try` does not catch this.
    public static final class Exceeded extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exceeded(String what) {
            super(what, null, false, false);
        }
    }
}
