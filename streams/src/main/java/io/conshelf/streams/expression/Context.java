package io.conshelf.streams.expression;

import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Compatibility;
import java.io.Serializable;

/// What expressions are made ready to run with.
///
/// @param query the text that spans point into, for errors; may be empty
public record Context(Compatibility level, String query, JobFunctions functions) implements Serializable {
    public static final Context DEFAULT = new Context(Compatibility.V1_2, "", JobFunctions.NONE);

    /// What stands there in the query.
    String text(Span span) {
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
