package io.conshelf.engine;

import io.conshelf.engine.command.ContinuousExportRuns;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks again and again whether a continuous export is due.
final class ContinuousExports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContinuousExports.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final ContinuousExportRuns runs;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-exports").factory());

    private ContinuousExports(ContinuousExportRuns runs) {
        this.runs = runs;
    }

    static ContinuousExports start(ContinuousExportRuns runs) {
        var exports = new ContinuousExports(runs);
        Repeated.start(exports.timer, LOOK_EVERY, "Continuous export", runs::look);
        return exports;
    }

    void look() {
        runs.look();
    }

    /// A run that is under way ends with the queries; the next start repeats it.
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A continuous export still runs while the engine closes");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
