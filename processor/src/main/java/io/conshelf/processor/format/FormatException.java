package io.conshelf.processor.format;

/// Bytes that are not of their format, or a value that it cannot hold.
public final class FormatException extends Exception {
    private static final long serialVersionUID = 1;

    public FormatException(String message) {
        super(message);
    }
}
