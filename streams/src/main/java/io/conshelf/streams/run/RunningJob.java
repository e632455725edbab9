package io.conshelf.streams.run;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A job that was started.
public interface RunningJob {
    sealed interface State {
        record Running() implements State {}

        /// It failed and is started again from its last checkpoint.
        record Restarting(String why) implements State {}

        record Failed(String why) implements State {}

        /// It was stopped, or all its inputs ended.
        record Ended() implements State {}
    }

    State state();

    JobMetrics metrics();

    /// What went wrong with events and rows so far, by kind; the newest example of each.
    List<DataError> errors();

    /// The earliest of the last times that its outputs got rows of; empty before the first row.
    Optional<Instant> lastOutput();

    /// Stops it and keeps where it was, for [JobStart.LastStopped].
    void stop() throws JobFailure, InterruptedException;

    /// Stops it at once. The last checkpoint stays.
    void cancel();

    /// Waits until it has ended.
    ///
    /// @throws JobFailure where it failed
    void await() throws JobFailure, InterruptedException;
}
