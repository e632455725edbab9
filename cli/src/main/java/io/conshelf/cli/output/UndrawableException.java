package io.conshelf.cli.output;

import java.io.Serial;

/// A result of which no chart can be drawn; the message says why, and what would work.
public final class UndrawableException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UndrawableException(String message) {
        super(message);
    }
}
