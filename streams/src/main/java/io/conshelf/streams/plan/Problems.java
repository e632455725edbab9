package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Diagnostic;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;

/// What is found wrong while names are bound. Binding goes on, so that all is told at once; nothing is told twice.
final class Problems {
    private static final int MAX = 100;

    private final List<Diagnostic> found = new ArrayList<>();
    private int told;

    void error(Span span, String message, Object... arguments) {
        add(Diagnostic.error(span, message.formatted(arguments)));
    }

    void warning(Span span, String message, Object... arguments) {
        add(Diagnostic.warning(span, message.formatted(arguments)));
    }

    private void add(Diagnostic diagnostic) {
        told += diagnostic.isError() ? 1 : 0;
        if (found.size() < MAX && !found.contains(diagnostic)) {
            found.add(diagnostic);
        }
    }

    /// Stands where nothing could be made of an expression.
    Expression refused(Span span, String message, Object... arguments) {
        error(span, message, arguments);
        return nothing(span);
    }

    static Expression nothing(Span span) {
        return new Expression.Literal(Value.Null.NULL, span);
    }

    boolean hasErrors() {
        return found.stream().anyMatch(Diagnostic::isError);
    }

    /// How many errors have been told, again or beyond those that are kept, too: what is wrong with a part of the query is what has come since it began.
    int told() {
        return told;
    }

    /// In the order of the query.
    List<Diagnostic> inOrder() {
        return found.stream().sorted((one, other) -> {
            int lines = Integer.compare(one.span().startLine(), other.span().startLine());
            return lines != 0 ? lines : Integer.compare(one.span().startColumn(), other.span().startColumn());
        }).toList();
    }
}
