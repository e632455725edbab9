package io.conshelf.streams.output;

/// Rows that were made durable for a checkpoint cannot be shown any more, now or ever: the job ends, and they are made again from what its inputs still have.
public final class RowsLost extends OutputException {
    public RowsLost(String message, Throwable cause) {
        super(message, cause);
    }
}
