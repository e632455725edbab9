package io.conshelf.streams.run;

/// By which time a step of a job goes.
public enum SubstreamTimes {
    /// All its rows share one.
    SHARED,
    /// Each key of `TIMESTAMP BY … OVER` has its own: it goes on with the key's events alone.
    OWN,
    /// Each partition of the input has its own.
    OF_PARTITIONS
}
