package io.conshelf.kql.syntax;

/// Something to tell the author of a query: how grave, the service's code, the text, and where.
public record Diagnostic(Severity severity, String code, String message, Span span) {
    public enum Severity { ERROR, WARNING, SUGGESTION }

    public static Diagnostic error(String code, String message, Span span) {
        return new Diagnostic(Severity.ERROR, code, message, span);
    }

    public static Diagnostic warning(String code, String message, Span span) {
        return new Diagnostic(Severity.WARNING, code, message, span);
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }
}
