package io.conshelf.streams.operator;

import io.conshelf.streams.value.Row;

/// What a step gives up because its memory is bounded: results may be missing.
public enum Loss {
    ATTEMPTS("MATCH_RECOGNIZE has more than %d attempts, or %d ways of all of them, under way for a key; the oldest attempt was ended with what it had matched. A"
            + " shorter LIMIT DURATION or a finer PARTITION BY has fewer under way".formatted(MatchOperator.Limits.DEFAULT.attempts(), MatchOperator.Limits.DEFAULT.allWays())),
    WAYS("MATCH_RECOGNIZE follows %d ways of an attempt through the pattern at once, and gave up those that it prefers less".formatted(MatchOperator.Limits.DEFAULT.ways()));

    /// By which diagnostics name it.
    public static final String TYPE = "MatchRecognizeLimit";

    private final String message;

    Loss(String message) {
        this.message = message;
    }

    public String message() {
        return message;
    }

    /// Told of it, once for each that is given up.
    @FunctionalInterface
    public interface Told {
        /// @param row at which it was given up
        void lost(Loss loss, Row row);
    }
}
