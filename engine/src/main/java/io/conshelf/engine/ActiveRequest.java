package io.conshelf.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// What cancelling, deadlines and the memory watch act on: known before a request's work is, in place after that ended.
final class ActiveRequest {
    private static final Duration INTERRUPT_AGAIN = Duration.ofMillis(50);

    private final ScheduledExecutorService deadlines;
    private Optional<Work> work = Optional.empty();
    private Optional<ServiceError> reason = Optional.empty();
    private Optional<Future<?>> deadline = Optional.empty();
    private Runnable whenEnded = () -> {};
    private boolean isEnded;

    ActiveRequest(ScheduledExecutorService deadlines) {
        this.deadlines = deadlines;
    }

    /// What can be stopped from any thread.
    interface Work {
        void stop(ServiceError reason);

        /// Repeats the interrupt that DuckDB may have missed.
        void interrupt();

        /// How long it has been at work; 0 while it waits for its reader.
        long busyNanos();

        /// Pages of memory that its thread was the first to touch; 0 where nobody counts them.
        long pagesTouched();

        /// What it asked to be allowed of memory; beyond that it is ended.
        default Optional<MemoryBudget> memoryBudget() {
            return Optional.empty();
        }

        /// Is told how much of the process's growth since it began is put down to it.
        default void tookMemory(long bytes) {}

        /// What it was told last.
        default long memoryBytes() {
            return 0;
        }

        /// Whether it took next to nothing, and finds no memory for it since long.
        default boolean hasWaitedLongForMemory() {
            return false;
        }

        /// Ends what nobody reads any more.
        void close();
    }

    /// Begins the time it has.
    synchronized void begin(Duration timeout, Runnable end) {
        whenEnded = end;
        deadline = Optional.of(
                deadlines.schedule(() -> stop(Errors.timedOut(timeout)), timeout.toMillis(), TimeUnit.MILLISECONDS));
    }

    synchronized void runs(Work begun) {
        work = Optional.of(begun);
        reason.ifPresent(this::stop);
    }

    synchronized void stop(ServiceError why) {
        if (reason.isEmpty()) {
            reason = Optional.of(why);
        }
        if (work.isPresent()) {
            work.get().stop(reason.get());
            interruptLater();
        }
    }

    private void interruptLater() {
        // Closing has taken the deadlines' thread when what runs did not end in time.
        if (!deadlines.isShutdown()) {
            deadlines.schedule(this::again, INTERRUPT_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void again() {
        if (work.isPresent()) {
            work.get().interrupt();
            interruptLater();
        }
    }

    synchronized boolean isStopped() {
        return reason.isPresent();
    }

    synchronized long busyNanos() {
        return work.map(Work::busyNanos).orElse(0L);
    }

    synchronized long pagesTouched() {
        return work.map(Work::pagesTouched).orElse(0L);
    }

    synchronized void tookMemory(long bytes) {
        work.ifPresent(w -> w.tookMemory(bytes));
    }

    synchronized long memoryBytes() {
        return work.map(Work::memoryBytes).orElse(0L);
    }

    synchronized boolean hasWaitedLongForMemory() {
        return work.map(Work::hasWaitedLongForMemory).orElse(false);
    }

    synchronized Optional<MemoryBudget> memoryBudget() {
        return work.flatMap(Work::memoryBudget);
    }

    void close() {
        Optional<Work> open;
        synchronized (this) {
            open = work;
        }
        open.ifPresent(Work::close);
    }

    /// Gives back what the request had. Only the first end counts.
    synchronized void end() {
        if (!isEnded) {
            isEnded = true;
            work = Optional.empty();
            deadline.ifPresent(d -> d.cancel(false));
            deadline = Optional.empty();
            whenEnded.run();
        }
    }
}
