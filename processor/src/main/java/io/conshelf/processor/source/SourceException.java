package io.conshelf.processor.source;

/// A source that cannot be read just now, or ever.
public final class SourceException extends Exception {
    private static final long serialVersionUID = 1;

    public SourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
