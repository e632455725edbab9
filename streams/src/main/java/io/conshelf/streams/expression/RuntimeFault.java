package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Value;

/// What ends a job while it runs: a CAST of a value that cannot be converted, a wrong argument type, an error in a JavaScript function. Independent of the
/// output error policy.
public final class RuntimeFault extends RuntimeException {
    private final Span span;

    public RuntimeFault(String message, Span span) {
        super(message);
        this.span = span;
    }

    /// @param index of the argument, from 0
    public static RuntimeFault invalidArgument(String function, int index, Value value, Parameter parameter, Span span) {
        return new RuntimeFault(Calls.invalidType(function, index, value, parameter).getMessage(), span);
    }

    public Span span() {
        return span;
    }
}
