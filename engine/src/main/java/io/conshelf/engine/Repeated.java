package io.conshelf.engine;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work done again and again. Executors repeat nothing that failed once; this does, and logs why it failed.
public final class Repeated {
    private static final Logger LOG = LoggerFactory.getLogger(Repeated.class);

    private Repeated() {}

    /// @param name of the work, for the log
    public static void start(ScheduledExecutorService executor, Duration pause, String name, Runnable work) {
        executor.scheduleWithFixedDelay(() -> once(name, work), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void once(String name, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.error("{} failed and is tried again", name, e);
        }
    }
}
