package io.conshelf.processor.jq;

/// A program that is none, with the place in it.
public final class JqSyntaxException extends Exception {
    private static final long serialVersionUID = 1;

    private final int line;
    private final int column;

    /// @param line   counted from 1, as is the column
    public JqSyntaxException(int line, int column, String message) {
        super(message + " (line " + line + ", column " + column + ")");
        this.line = line;
        this.column = column;
    }

    JqSyntaxException(Jq.Place place, String message) {
        this(place.line(), place.column(), message);
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }
}
