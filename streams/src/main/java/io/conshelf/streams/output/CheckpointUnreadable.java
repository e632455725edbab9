package io.conshelf.streams.output;

import java.io.IOException;

/// What a checkpoint holds of an output cannot be read, now or ever: rows would be lost, so the job ends.
public final class CheckpointUnreadable extends OutputException {
    public CheckpointUnreadable(IOException cause) {
        super("what a checkpoint holds of the output cannot be read: " + cause.getMessage(), cause);
    }
}
