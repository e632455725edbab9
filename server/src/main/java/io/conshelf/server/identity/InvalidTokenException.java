package io.conshelf.server.identity;

/// A token that opens nothing, with what is wrong with it.
public final class InvalidTokenException extends Exception {
    InvalidTokenException(String message) {
        super(message);
    }
}
