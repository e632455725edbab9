package io.conshelf.streams.run;

/// Where jobs run: the embedded cluster , or one elsewhere.
public interface JobHost extends AutoCloseable {
    /// Returns as soon as the job is accepted; its state tells how it goes.
    ///
    /// @throws IllegalStateException where a job of this name runs, or where it cannot go on because it never ran
    RunningJob start(StreamJob job, StartMode mode) throws InterruptedException;

    /// Ends all jobs so that [StartMode.Continue] goes on with them.
    @Override
    void close();
}
