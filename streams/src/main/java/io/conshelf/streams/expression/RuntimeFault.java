package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;

/// What ends a job while it runs: a CAST of a value that cannot be converted, a wrong argument type, an error in a JavaScript function. Independent of the
/// output error policy.
public final class RuntimeFault extends RuntimeException {
    private final Span span;

    public RuntimeFault(String message, Span span) {
        super(message);
        this.span = span;
    }

    public Span span() {
        return span;
    }
}
