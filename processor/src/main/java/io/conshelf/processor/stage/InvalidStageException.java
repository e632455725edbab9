package io.conshelf.processor.stage;

/// A stage whose definition cannot be put to work.
public final class InvalidStageException extends Exception {
    private static final long serialVersionUID = 1;

    public InvalidStageException(String message, Throwable cause) {
        super(message, cause);
    }
}
