package io.conshelf.streams.output;

/// A target that does not answer or does not take what it gets. Tried again, for ever, but for [CheckpointUnreadable] and [RowsLost].
public class OutputException extends Exception {
    public OutputException(String message) {
        super(message);
    }

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }
}
