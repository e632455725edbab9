package io.conshelf.factory;

import java.util.concurrent.atomic.AtomicReference;

/// A pipeline that is running.
public final class PipelineHandle {
    private final String runId;
    private final Thread thread;
    private final AtomicReference<RunRecord> record;

    PipelineHandle(String runId, Thread thread, AtomicReference<RunRecord> record) {
        this.runId = runId;
        this.thread = thread;
        this.record = record;
    }

    public String runId() {
        return runId;
    }

    /// Stops the run: activities that run are cancelled, others do not start.
    public void cancel() {
        thread.interrupt();
    }

    public RunRecord await() throws InterruptedException {
        thread.join();
        RunRecord ended = record.get();
        if (ended == null) {
            throw new IllegalStateException("run " + runId + " ended without a record; its thread's failure is in the log");
        }
        return ended;
    }
}
