package io.conshelf.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One platform thread of the engine's pool, held by one request while it lasts: native calls would pin the virtual thread
/// that serves it. Tasks run in the order they come.
final class Lane {
    private static final Runnable END = () -> {};
    private static final long IDLE = Long.MIN_VALUE;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    // Looked up in the file system, once for each thread of the pool.
    private static final ThreadLocal<NativeThread> THREAD = ThreadLocal.withInitial(NativeThread::current);

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private volatile CompletableFuture<?> begun = CompletableFuture.completedFuture(null);
    private volatile CompletableFuture<?> awaited = CompletableFuture.completedFuture(null);
    private volatile KustoException stopped;
    private volatile long busySince = IDLE;
    private volatile Optional<NativeThread> thread = Optional.empty();
    // Threads are used again, and have taken their time for others before.
    private volatile long cpuNanosBefore;

    Lane(Executor pool) {
        pool.execute(this::run);
    }

    private void run() {
        thread = Optional.of(THREAD.get());
        cpuNanosBefore = THREADS.getCurrentThreadCpuTime();
        try {
            for (Runnable task = tasks.take(); task != END; task = tasks.take()) {
                busySince = System.nanoTime();
                task.run();
                busySince = IDLE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Runs a task on the lane and waits for it, or for [#stop].
    <T> T call(Callable<T> task) {
        return await(begin(task));
    }

    /// Runs a task on the lane, for whoever [awaits][#await] it then.
    <T> CompletableFuture<T> begin(Callable<T> task) {
        var result = new CompletableFuture<T>();
        begun = result;
        tasks.add(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /// Waits for what was begun, or for [#stop].
    <T> T await(CompletableFuture<T> result) {
        awaited = result;
        KustoException reason = stopped;
        if (reason != null) {
            result.completeExceptionally(reason);
        }
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(Errors.cancelled(), e);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause());
        }
    }

    /// Whether what was begun has ended after so long at most, however it has.
    static boolean endsWithin(Duration wait, Future<?> begun) {
        try {
            begun.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (ExecutionException e) {
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        return switch (cause) {
            // The stack of the caller tells more than the lane's.
            case KustoException error -> new KustoException(error.error(), error);
            case RuntimeException error -> error;
            case Error error -> throw error;
            case Throwable other -> new IllegalStateException(other);
        };
    }

    /// Whoever waits, and whoever will, gets this error at once, whatever the lane's thread is still in.
    void stop(KustoException reason) {
        stopped = reason;
        awaited.completeExceptionally(reason);
    }

    /// What this request has taken of a processor; to be asked by its tasks.
    long cpuNanos() {
        return THREADS.getCurrentThreadCpuTime() - cpuNanosBefore;
    }

    /// How long the task that runs has been running; 0 where none is.
    long busyNanos() {
        long since = busySince;
        return since == IDLE ? 0 : System.nanoTime() - since;
    }

    /// Pages of memory that its thread was the first to touch, ever.
    long pagesTouched() {
        return thread.map(NativeThread::pagesTouched).orElse(0L);
    }

    /// Whether what was begun last has not ended, and nobody was told that it is stopped.
    boolean isAtWork() {
        return !begun.isDone();
    }

    /// Ends the lane after a last task.
    void end(Runnable last) {
        tasks.add(last);
        tasks.add(END);
    }
}
