package io.conshelf.kql.function;

/// A constant argument that a rewrite cannot take. The message begins with the function's name and says what would work;
/// the binder adds the place.
public final class BadArgument extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String culprit;

    BadArgument(String message) {
        this(message, "");
    }

    /// @param culprit the text of the argument that is wrong, by which the binder finds it
    BadArgument(String message, String culprit) {
        super(message);
        this.culprit = culprit;
    }

    public String culprit() {
        return culprit;
    }
}
