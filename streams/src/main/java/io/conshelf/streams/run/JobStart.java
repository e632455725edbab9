package io.conshelf.streams.run;

import java.io.Serializable;
import java.time.Instant;

/// From when on a job writes rows.
public sealed interface JobStart extends Serializable {
    /// The first row is not before this time: now, or a time that was asked for. Inputs are read from before it, as far as the query looks back.
    record At(Instant time) implements JobStart {}

    /// Where the job was: from what was kept when it was stopped, or from its last checkpoint.
    record LastStopped() implements JobStart {}
}
