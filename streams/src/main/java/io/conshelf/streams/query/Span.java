package io.conshelf.streams.query;

import java.io.Serializable;

/// A place in a query. Lines and columns count from 1; the end is behind the last character.
public record Span(int startLine, int startColumn, int endLine, int endColumn) implements Serializable {
    public static final Span NONE = new Span(0, 0, 0, 0);

    Span to(Span end) {
        return new Span(startLine, startColumn, end.endLine, end.endColumn);
    }
}
