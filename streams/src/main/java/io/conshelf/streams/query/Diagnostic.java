package io.conshelf.streams.query;

/// What is wrong, or worth knowing, about a query.
///
/// @param span [Span#NONE] where it is about the query as a whole
public record Diagnostic(Severity severity, String message, Span span) {
    public enum Severity { ERROR, WARNING }

    public static Diagnostic error(Span span, String message) {
        return new Diagnostic(Severity.ERROR, message, span);
    }

    public static Diagnostic warning(Span span, String message) {
        return new Diagnostic(Severity.WARNING, message, span);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    @Override
    public String toString() {
        return message + (span.equals(Span.NONE) ? "" : " (line %d, column %d)".formatted(span.startLine(), span.startColumn()));
    }
}
