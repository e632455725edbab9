package io.conshelf.streams.query;

/// What is wrong, or worth knowing, about a query.
public record Diagnostic(Severity severity, String message, Span span) {
    public enum Severity { ERROR, WARNING }
}
