package io.conshelf.kql.syntax;

/// One token of a query or command: what it is, its text, where it stands, and whether blanks or comments precede it.
public record Token(Kind kind, String text, Span span, boolean spaceBefore) {
    public enum Kind {
        /// A word that is not reserved, also `12abc`.
        IDENTIFIER,
        /// A reserved word, with its dashes, dots and `!`: `project-away`, `hint.strategy`, `!has`, `matches regex`.
        KEYWORD,
        STRING, BOOL, LONG, REAL, TIMESPAN,
        /// `int(...)`, and the like for the next three; `long(...)`, `real(...)`, `bool(...)` have the kinds above.
        INT, DECIMAL, DATETIME, GUID,
        /// A guid without `guid(...)`: only commands allow it.
        RAW_GUID,
        PUNCTUATION,
        /// A line that starts with `#`.
        DIRECTIVE,
        /// A character that is no part of the language.
        BAD,
        END
    }

    /// True when this is the keyword or the punctuation `what`.
    public boolean is(String what) {
        return (kind == Kind.KEYWORD || kind == Kind.PUNCTUATION) && text.equals(what);
    }

    public boolean isWord() {
        return kind == Kind.IDENTIFIER || kind == Kind.KEYWORD;
    }

    public boolean isEnd() {
        return kind == Kind.END;
    }

    public int start() {
        return span.start();
    }

    public int end() {
        return span.end();
    }
}
