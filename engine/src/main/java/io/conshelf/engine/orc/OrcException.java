package io.conshelf.engine.orc;

import java.io.IOException;

/// A file that is no ORC file, is broken, or has a part that is not supported; the message says which.
public final class OrcException extends IOException {
    private static final long serialVersionUID = 1;

    OrcException(String message) {
        super(message);
    }

    OrcException(String message, Throwable cause) {
        super(message, cause);
    }
}
