package io.conshelf.streams.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A job that was started, until it is over.
public interface RunningJob {
    String name();

    JobState state();

    /// What ended it, or what it waits for while it is degraded; with line and column where the query is at fault.
    Optional<String> problem();

    JobMetrics metrics();

    /// The latest kinds of data errors, a bounded number.
    List<Diagnosed> diagnostics();

    /// Stops it with everything written that was read, so that [StartMode.LastStopped] goes on from there. Returns when it has stopped.
    void stop() throws InterruptedException;

    /// Ends it at once, as a crash would; [StartMode.Continue] goes on from the last checkpoint.
    void cancel() throws InterruptedException;

    /// Waits until it is over.
    ///
    /// @return whether it is
    boolean await(Duration limit) throws InterruptedException;
}
