package io.conshelf.streams.value;

import java.io.IOException;

/// JSON that is none, or that holds what the language has no value for, such as an integer beyond 64 bits.
public final class InvalidJson extends IOException {
    public InvalidJson(String message) {
        super(message);
    }
}
