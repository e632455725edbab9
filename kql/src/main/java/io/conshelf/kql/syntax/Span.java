package io.conshelf.kql.syntax;

/// A stretch of source text, counted in UTF-16 units, as Kusto's own positions are.
public record Span(int start, int length) {
    public Span {
        if (start < 0 || length < 0) {
            throw new IllegalArgumentException("span %d+%d is negative".formatted(start, length));
        }
    }

    public static Span between(int start, int end) {
        return new Span(start, Math.max(0, end - start));
    }

    public int end() {
        return start + length;
    }

    /// The smallest span that holds both.
    public Span to(Span other) {
        return between(Math.min(start, other.start), Math.max(end(), other.end()));
    }

    public boolean contains(Span other) {
        return start <= other.start && other.end() <= end();
    }

    public String in(String text) {
        return text.substring(start, end());
    }

    /// Line and column of the start of this span in `text`.
    public Position position(String text) {
        return Position.of(text, start);
    }
}
