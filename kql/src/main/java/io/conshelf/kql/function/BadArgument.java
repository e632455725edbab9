package io.conshelf.kql.function;

/// A constant argument that a rewrite cannot take. The message begins with the function's name and says what would work;
/// the binder adds the place.
public final class BadArgument extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadArgument(String message) {
        super(message);
    }
}
