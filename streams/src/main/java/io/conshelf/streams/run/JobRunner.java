package io.conshelf.streams.run;

/// Runs jobs over live inputs until they are stopped, or their inputs end.
public interface JobRunner extends AutoCloseable {
    /// Returns when the job runs: its inputs and outputs are there, and what it writes fits.
    ///
    /// @throws JobFailure where it cannot start, with everything that is in the way
    RunningJob start(JobRequest request) throws JobFailure, InterruptedException;

    /// Stops what runs, keeping where each job was.
    @Override
    void close();
}
