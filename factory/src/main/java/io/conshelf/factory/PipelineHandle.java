package io.conshelf.factory;

import java.time.Instant;
import java.util.Optional;

/// A pipeline that is ready to run, runs, or has run.
public final class PipelineHandle {
    private final PipelineRun run;

    PipelineHandle(PipelineRun run) {
        this.run = run;
    }

    /// How far a cancellation reaches.
    public enum Reach {
        /// The runs that it started go on.
        RUN,
        /// The runs that it started are cancelled as well.
        CHILDREN
    }

    public String runId() {
        return run.id();
    }

    /// The run as it is before it starts.
    public RunRecord queued() {
        return run.record(Status.QUEUED, "", Optional.empty());
    }

    /// Starts the run, once.
    public PipelineHandle start() {
        run.start();
        return this;
    }

    /// Gives up a run that was not started.
    public void abandon() {
        run.stores().close();
    }

    /// Stops the run and those that it started: activities that run are cancelled, others do not start.
    public void cancel() {
        run.cancel(Reach.CHILDREN);
    }

    /// Stops this run or one that it led to.
    public void cancel(String runId, Reach reach) {
        run.find(runId).ifPresent(found -> found.cancel(reach));
    }

    /// Waits, at most so long, until nothing of the run and of those that it led to is left.
    public void awaitUntil(Instant deadline) throws InterruptedException {
        run.awaitUntil(deadline);
    }

    public RunRecord await() throws InterruptedException {
        return run.await();
    }
}
