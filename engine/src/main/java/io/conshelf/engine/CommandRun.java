package io.conshelf.engine;

import io.conshelf.engine.RunningQuery.State;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.store.Scanned;
import io.conshelf.engine.store.WriteStop;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/// Work that answers at once, such as a management command, on its lane. Whoever waits is told at once when it is stopped;
/// when something is committed already, the work's own end is what is told.
final class CommandRun implements ActiveRequest.Work {
    private final Lane lane;
    private final RequestLog.Entry entry;
    private final Runnable whenEnded;
    private final WriteStop writes;
    private volatile long cpuNanos;
    private volatile long memoryBytes;

    CommandRun(KernelCalls kernels, Lane lane, RequestLog.Entry entry, Runnable whenEnded) {
        this.writes = new WriteStop(kernels);
        this.lane = lane;
        this.entry = entry;
        this.whenEnded = whenEnded;
        long started = System.nanoTime();
        entry.isRunning(() -> new Answer.Usage(0, 0, cpuNanos / 1_000, (System.nanoTime() - started) / 1_000, memoryBytes, Scanned.NOTHING));
    }

    <T> T call(Callable<T> work) {
        try {
            return lane.call(() -> logged(work));
        } finally {
            // The slot is free when the work has ended, not when nobody waits for it any more.
            lane.end(this::release);
        }
    }

    private void release() {
        writes.close();
        whenEnded.run();
    }

    private <T> T logged(Callable<T> work) throws Exception {
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        try {
            writes.check();
            T result = writes.call(work::call);
            cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            entry.end(State.COMPLETED, "");
            return result;
        } catch (Exception | Error e) {
            cpuNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            var reason = writes.reason();
            entry.end(reason.isPresent() ? State.CANCELLED : State.FAILED,
                    reason.map(ServiceError::message).orElseGet(() -> String.valueOf(e.getMessage())));
            throw e;
        }
    }

    @Override
    public void stop(ServiceError reason) {
        if (writes.stop(reason)) {
            lane.stop(new KustoException(reason));
        }
    }

    @Override
    public void interrupt() {
        writes.interrupt();
    }

    @Override
    public long busyNanos() {
        return lane.busyNanos();
    }

    @Override
    public long pagesTouched() {
        return lane.pagesTouched();
    }

    @Override
    public void tookMemory(long bytes) {
        memoryBytes = bytes;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public void close() {
        // It ends by itself.
    }
}
