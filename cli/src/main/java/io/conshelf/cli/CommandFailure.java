package io.conshelf.cli;

/// A command could not do what it was asked; the message says why and what would work.
final class CommandFailure extends RuntimeException {
    CommandFailure(String message) {
        super(message);
    }

    CommandFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
