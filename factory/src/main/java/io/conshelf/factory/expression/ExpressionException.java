package io.conshelf.factory.expression;

/// An expression that cannot be read or evaluated, and where in its text.
public final class ExpressionException extends RuntimeException {
    private final int at;

    public ExpressionException(int at, String message) {
        super(message, null, false, false);
        this.at = at;
    }

    /// Index of the offending character in the string of the definition.
    public int at() {
        return at;
    }
}
