package io.conshelf.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Ctrl-C and SIGTERM: what runs is told to stop, and the process ends, with 128 and the signal's number, when it has said how it ended. It does
/// so after a while in any case.
final class Interruption implements AutoCloseable {
    private static final Duration STOP_MAX = Duration.ofSeconds(15);
    private static final Duration LAST_WORDS_MAX = Duration.ofSeconds(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final CountDownLatch hasEnded = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupted, "interruption");
    private Optional<Runnable> stop = Optional.empty();
    private Runnable lastly = () -> {};
    private boolean isInterrupted;

    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// From now on, this is to be done.
    ///
    /// @param giveUp what is done last, when the time is over
    void stops(Runnable action, Runnable giveUp) {
        lock.lock();
        try {
            lastly = giveUp;
            stop = Optional.of(action);
            if (isInterrupted) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isInterrupted() {
        lock.lock();
        try {
            return isInterrupted;
        } finally {
            lock.unlock();
        }
    }

    private void interrupted() {
        lock.lock();
        try {
            isInterrupted = true;
            stop.ifPresent(Runnable::run);
        } finally {
            lock.unlock();
        }
        try {
            if (!hasEnded.await(STOP_MAX.toSeconds(), TimeUnit.SECONDS)) {
                lastly.run();
                // what was broken off still says how it ended, and takes away what it made
                boolean ignored = hasEnded.await(LAST_WORDS_MAX.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /// All is done.
    @Override
    public void close() {
        hasEnded.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException ending) {
            // It is running, and no longer waits.
        }
    }
}
