package io.conshelf.streams.script;

/// What one call of a script may use. What goes beyond ends the job with an error that says so.
final class Limits {
    /// Interpreted instructions: about a second or two.
    static final long STEPS_MAX = 50_000_000;
    /// How many instructions run between two looks at the bounds.
    static final int STEPS_BETWEEN = 20_000;
    /// All that is allocated, whether it is still needed or not.
    static final long ALLOCATED_BYTES_MAX = 1L << 29;
    static final int CALL_DEPTH_MAX = 1_000;
    /// In characters.
    static final int TEXT_LENGTH_MAX = 1 << 24;
    static final int ARRAY_LENGTH_MAX = 1 << 20;
    /// How deep what goes in and comes out may nest.
    static final int NESTING_MAX = 256;
    /// Of all that goes in or comes out of one call.
    static final int VALUES_MAX = 1 << 20;

    private Limits() {}

    /// No script can catch it.
    static final class Exceeded extends Error {
        Exceeded(String message) {
            super(message, null, false, false);
        }
    }
}
