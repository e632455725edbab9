package io.conshelf.streams.run;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a job has done, by the names that the service gives its metrics.
///
/// @param watermarkDelaySeconds  now less the watermark of the output that is furthest behind
/// @param backloggedInputEvents  messages that wait in the inputs
/// @param lastOutputEventTicks   the time of the latest row given to every output; 0 where there is none yet
public record JobMetrics(long inputEvents, long inputEventBytes, long outputEvents, long lateInputEvents, long outOfOrderEvents, long earlyInputEvents,
        long dataConversionErrors, long inputDeserializationErrors, long runtimeErrors, long watermarkDelaySeconds, long backloggedInputEvents,
        long lastOutputEventTicks) implements Serializable {
    public static final JobMetrics NONE = new JobMetrics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// By the names that the portal shows.
    public Map<String, Long> byName() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("Input Events", inputEvents);
        named.put("Input Event Bytes", inputEventBytes);
        named.put("Output Events", outputEvents);
        named.put("Late Input Events", lateInputEvents);
        named.put("Out-of-Order Events", outOfOrderEvents);
        named.put("Early Input Events", earlyInputEvents);
        named.put("Data Conversion Errors", dataConversionErrors);
        named.put("Input Deserialization Errors", inputDeserializationErrors);
        named.put("Runtime Errors", runtimeErrors);
        named.put("Watermark Delay", watermarkDelaySeconds);
        named.put("Backlogged Input Events", backloggedInputEvents);
        return named;
    }
}
