package io.conshelf.streams.script;

/// What one call of a script may use. What goes beyond ends the job with an error that says so.
public final class Limits {
    /// Interpreted instructions: about a second or two.
    static final long STEPS_MAX = 50_000_000;
    /// Rounds of loops in built-in functions: about as long.
    static final long ROUNDS_MAX = 200_000_000;
    /// By the clock, and then once more by what the processor gave. What is counted is over long before, unless each step works on much, such as comparing long texts.
    static final long TIME_MAX_MS = 10_000;
    /// How many instructions run between two looks at the bounds.
    public static final int STEPS_BETWEEN = 5_000;
    /// How many rounds.
    static final int ROUNDS_BETWEEN = 100;
    /// How much may be asked for between two looks, as far as one knows it.
    static final long BYTES_BETWEEN = 1 << 20;
    /// All that is allocated, whether it is still needed or not.
    static final long ALLOCATED_BYTES_MAX = 1L << 29;
    public static final int CALL_DEPTH_MAX = 1_000;
    /// In characters.
    public static final int TEXT_LENGTH_MAX = 1 << 24;
    /// Of an array that is made in one step.
    static final int ITEMS_MAX = 1 << 25;
    /// What comes out.
    public static final int ARRAY_LENGTH_MAX = 1 << 20;
    /// Of a whole number: its product with another takes less than a second.
    static final int NUMBER_BITS_MAX = 1 << 20;
    /// How deep what goes in and comes out may nest.
    public static final int NESTING_MAX = 256;
    /// Of all that goes in or comes out of one call.
    public static final int VALUES_MAX = 1 << 20;

    private Limits() {}

    /// Whoever waited for the run waits no longer. Nothing of the script runs behind it, as would behind an exception that is no error.
    public static final class Ended extends Error {
        Ended() {
            super("the run is to end", null, false, false);
        }
    }

    /// No script can catch it.
    public static final class Exceeded extends Error {
        Exceeded(String message) {
            super(message, null, false, false);
        }
    }
}
