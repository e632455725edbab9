package io.conshelf.processor.service;

import io.conshelf.processor.run.PipelineRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/// How fast a pipeline has been during the last minute. Safe for use by several threads.
final class Rates {
    private static final Duration KEPT = Duration.ofMinutes(1);

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(Instant at, long received, long sent, long arrived, double latencySeconds) {}

    /// @param received       messages a second
    /// @param sent           to the destination, a second
    /// @param latencySeconds from receipt to destination, on average
    record Rate(double received, double sent, double latencySeconds) {}

    static final Rate NONE = new Rate(0, 0, 0);

    synchronized void sample(Instant now, PipelineRun run) {
        samples.addLast(new Sample(now, run.counts().received(), run.counts().sent(), run.counts().taken(), run.counts().takenSeconds()));
        while (samples.size() > 2 && samples.peekFirst().at().isBefore(now.minus(KEPT))) {
            samples.removeFirst();
        }
    }

    synchronized Rate rate() {
        if (samples.size() < 2) {
            return NONE;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        double seconds = Math.max(0.001, Duration.between(first.at(), last.at()).toMillis() / 1000.0);
        long arrived = last.arrived() - first.arrived();
        return new Rate((last.received() - first.received()) / seconds, (last.sent() - first.sent()) / seconds,
                arrived == 0 ? 0 : (last.latencySeconds() - first.latencySeconds()) / arrived);
    }
}
