package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;

/// A compiled part of a program: takes a value and hands its results on, one by one.
@FunctionalInterface
interface Filter {
    /// @param path where the value stands in the input of the path expression that is evaluated; [Path#NONE] outside of one
    void run(Run run, Scope scope, Path path, Value input, Output output);

    @FunctionalInterface
    interface Output {
        /// @param path [Path#LOST] for what is no part of the input, within a path expression
        void emit(Path path, Value value);
    }

    /// Where a value stands, from the last step back to the first.
    sealed interface Path {
        Path NONE = new None();
        Path LOST = new Lost();
        Path START = new Start();

        /// Nobody asks.
        record None() implements Path {}

        /// A value that is no part of the input.
        record Lost() implements Path {}

        record Start() implements Path {}

        record Step(Path before, Value key) implements Path {}

        default Path then(Value key, Value at) {
            return switch (this) {
                case None _ -> this;
                case Lost _ -> throw new JqException("Invalid path expression with result " + JqException.shown(at));
                case Start _, Step _ -> new Step(this, key);
            };
        }

        /// Of what is made anew.
        default Path lost() {
            return this == NONE ? NONE : LOST;
        }

        default boolean isAsked() {
            return this != NONE;
        }
    }
}
