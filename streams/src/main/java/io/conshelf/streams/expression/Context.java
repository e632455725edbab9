package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Compatibility;
import java.io.Serializable;

/// What expressions are made ready to run with.
///
/// @param query the text that spans point into, for errors; may be empty
public record Context(Compatibility level, String query, JobFunctions functions) implements Serializable {
    public static final Context DEFAULT = new Context(Compatibility.V1_2, "", JobFunctions.NONE);

    /// What stands there in the query, as errors show it: the service sets blanks around the points of a path.
    String text(Expression expression) {
        String text = text(whole(expression));
        return expression instanceof Expression.Field && text.matches("[\\w.]+") ? text.replace(".", " . ") : text;
    }

    /// Where an expression stands: that of a path is where its last name is, so it begins where the first does.
    static Span whole(Expression expression) {
        Span span = expression.span();
        Span first = switch (expression) {
            case Expression.Field(Expression of, _, _) -> whole(of);
            case Expression.Element(Expression of, _, _) -> whole(of);
            case Expression.Literal _, Expression.Slot _, Expression.Timestamp _, Expression.Unary _, Expression.Binary _, Expression.Like _,
                Expression.Between _, Expression.In _, Expression.IsNull _, Expression.Case _, Expression.Cast _, Expression.Call _, Expression.UserCall _ -> span;
        };
        boolean isBefore = first.startLine() >= 1 && (first.startLine() < span.startLine()
                || first.startLine() == span.startLine() && first.startColumn() < span.startColumn());
        return isBefore ? new Span(first.startLine(), first.startColumn(), span.endLine(), span.endColumn()) : span;
    }

    private String text(Span span) {
        if (span.startLine() < 1) {
            return "";
        }
        int from = offset(span.startLine(), span.startColumn());
        int to = offset(span.endLine(), span.endColumn());
        return from < to ? query.substring(from, to) : "";
    }

    private int offset(int line, int column) {
        int at = 0;
        for (int i = 1; i < line; i++) {
            int newLine = query.indexOf('\n', at);
            if (newLine < 0) {
                return query.length();
            }
            at = newLine + 1;
        }
        return Math.min(query.length(), at + column - 1);
    }
}
