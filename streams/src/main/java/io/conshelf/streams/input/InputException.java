package io.conshelf.streams.input;

/// An input that does not answer, or is not there. Tried again, for ever.
public class InputException extends Exception {
    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
