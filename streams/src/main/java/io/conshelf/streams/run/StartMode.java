package io.conshelf.streams.run;

/// From which time on a job gives rows. It reads further back: as far as its windows reach, and five minutes.
public sealed interface StartMode {
    /// `JobStartTime`.
    record Now() implements StartMode {}

    /// `CustomTime`, in ticks.
    record From(long ticks) implements StartMode {}

    /// `LastOutputEventTime`: goes on where it was stopped.
    record LastStopped() implements StartMode {}

    /// Everything that the inputs hold: local runs and replays.
    record Everything() implements StartMode {}

    /// Goes on from its last checkpoint, after the process that ran it has ended in whatever way; from the time it was first started where there is none.
    record Continue() implements StartMode {}
}
