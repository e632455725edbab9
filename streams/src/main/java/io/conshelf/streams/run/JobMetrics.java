package io.conshelf.streams.run;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What is counted of a job, by the service's names.
///
/// @param outputEvents   rows by output
/// @param watermarkDelay how far the job's time is behind the clock; empty before the first event
public record JobMetrics(long inputEvents, Map<String, Long> outputEvents, long lateInputEvents, long outOfOrderEvents, long earlyInputEvents,
        long inputDeserializationErrors, long dataConversionErrors, long runtimeErrors, long backloggedInputEvents, Optional<Duration> watermarkDelay) {
    public static final JobMetrics NONE = new JobMetrics(0, Map.of(), 0, 0, 0, 0, 0, 0, 0, Optional.empty());

    public JobMetrics {
        outputEvents = Map.copyOf(outputEvents);
    }

    public long outputEventsOfAll() {
        return outputEvents.values().stream().mapToLong(Long::longValue).sum();
    }

    /// As the service's metrics are called.
    public Map<String, Long> named() {
        Map<String, Long> named = new TreeMap<>(Map.of("Input Events", inputEvents, "Output Events", outputEventsOfAll(), "Late Input Events", lateInputEvents,
                "Out-of-Order Events", outOfOrderEvents, "Early Input Events", earlyInputEvents, "Input Deserialization Errors", inputDeserializationErrors,
                "Data Conversion Errors", dataConversionErrors, "Runtime Errors", runtimeErrors, "Backlogged Input Events", backloggedInputEvents));
        watermarkDelay.ifPresent(delay -> named.put("Watermark Delay", delay.toSeconds()));
        return named;
    }
}
