package io.conshelf.streams.flink;

import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A job that was given to Flink.
final class FlinkJob implements RunningJob {
    private static final Duration STOP_MAX = Duration.ofMinutes(5);
    private static final Duration STOP_DEGRADED_MAX = Duration.ofSeconds(15);
    private static final Duration STOP_AGAIN = Duration.ofMillis(100);
    private static final Logger LOG = LoggerFactory.getLogger(FlinkJob.class);

    private final String name;
    private final Control control;
    private final CompletableFuture<JobResult> result;
    private volatile boolean isStopping;
    /// Done unless a stop is under way: what it leaves is kept when all tasks have ended already.
    private volatile CompletableFuture<?> stopping = CompletableFuture.completedFuture(null);

    FlinkJob(String name, Control control) {
        this.name = name;
        this.control = control;
        this.result = control.result().whenComplete((_, _) -> control.ended());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public JobState state() {
        if (isOver()) {
            return failure().isPresent() ? JobState.FAILED : JobState.STOPPED;
        }
        if (isStopping) {
            return JobState.STOPPING;
        }
        JobStatus status;
        try {
            status = control.status().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JobState.STARTING;
        } catch (ExecutionException | TimeoutException e) {
            return isOver() ? state() : JobState.STARTING;
        }
        return switch (status) {
            case INITIALIZING, CREATED, RECONCILING -> JobState.STARTING;
            case RUNNING -> running(control.counted());
            case FAILING, RESTARTING, SUSPENDED -> JobState.RESTARTING;
            // it is over when its result is here, with why it failed and all that it counted
            case CANCELLING, FINISHED, CANCELED, FAILED -> JobState.STOPPING;
        };
    }

    private boolean isOver() {
        return result.isDone() && stopping.isDone();
    }

    private static JobState running(Control.Counted counted) {
        if (counted.problem().isPresent()) {
            return JobState.DEGRADED;
        }
        return counted.isReading() ? JobState.RUNNING : JobState.STARTING;
    }

    @Override
    public Optional<String> problem() {
        return result.isDone() ? failure() : control.counted().problem().or(this::interruption);
    }

    /// Why its tasks start anew.
    private Optional<String> interruption() {
        if (state() != JobState.RESTARTING) {
            return Optional.empty();
        }
        try {
            return control.interruption().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    private Optional<String> failure() {
        if (result.isCompletedExceptionally()) {
            return Optional.of("Flink ended: " + result.exceptionNow().getMessage());
        }
        JobResult ended = result.join();
        return ended.getJobStatus().filter(status -> status == JobStatus.FAILED).map(_ -> ended.getSerializedThrowable().map(serialized -> {
            Throwable thrown = serialized.deserializeError(FlinkJob.class.getClassLoader());
            return ExceptionUtils.findThrowable(thrown, JobFault.class).map(Throwable::getMessage).orElseGet(() -> {
                Throwable root = ExceptionUtils.stripException(thrown, RuntimeException.class);
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                return Reason.of(root);
            });
        }).orElse("the job failed"));
    }

    @Override
    public JobMetrics metrics() {
        return counted().metrics();
    }

    @Override
    public List<Diagnosed> diagnostics() {
        return counted().diagnosed();
    }

    private Control.Counted counted() {
        return result.isDone() && !result.isCompletedExceptionally() ? control.counted(result.join()) : control.counted();
    }

    @Override
    public void stop() throws InterruptedException {
        if (result.isDone()) {
            // as another may be stopping it
            isDone(stopping, STOP_MAX);
            return;
        }
        isStopping = true;
        CompletableFuture<?> own = new CompletableFuture<>();
        synchronized (this) {
            stopping = CompletableFuture.allOf(stopping, own);
        }
        try {
            stopOrBreakOff();
        } finally {
            own.complete(null);
        }
    }

    private void stopOrBreakOff() throws InterruptedException {
        Instant end = Instant.now().plus(STOP_MAX);
        while (!result.isDone()) {
            // what waits for an output that does not answer will not come to a checkpoint either
            boolean isWaiting = control.counted().problem().isPresent();
            try {
                control.stop().get((isWaiting ? STOP_DEGRADED_MAX : STOP_MAX).toMillis(), TimeUnit.MILLISECONDS);
                awaitEnd(STOP_MAX);
                return;
            } catch (TimeoutException e) {
                breakOff("it took too long");
            } catch (ExecutionException e) {
                // Flink refuses while a task is still being started, and where one ends just then: that passes.
                if (isWaiting || Instant.now().isAfter(end)) {
                    breakOff(e.getCause().getMessage());
                } else {
                    awaitEnd(STOP_AGAIN);
                }
            }
        }
    }

    /// It goes on from its last checkpoint.
    private void breakOff(String reason) throws InterruptedException {
        LOG.warn("job '{}' is broken off, as it does not stop: {}", name, reason);
        cancel();
    }

    @Override
    public void cancel() throws InterruptedException {
        if (!result.isDone()) {
            isStopping = true;
            try {
                control.cancel().get();
                awaitEnd(STOP_MAX);
            } catch (ExecutionException e) {
                // it ended by itself meanwhile
                awaitEnd(STOP_MAX);
            }
        }
    }

    @Override
    public boolean await(Duration limit) throws InterruptedException {
        Instant end = Instant.now().plus(limit);
        // a stop may have begun just before it ended
        while (awaitEnd(limit) && !isOver()) {
            if (!isDone(stopping, Duration.between(Instant.now(), end))) {
                return false;
            }
        }
        return isOver();
    }

    /// Of its tasks.
    private boolean awaitEnd(Duration limit) throws InterruptedException {
        return isDone(result, limit);
    }

    private static boolean isDone(CompletableFuture<?> future, Duration limit) throws InterruptedException {
        try {
            future.get(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }
}
