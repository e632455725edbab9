package io.conshelf.streams.run;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.operator.Loss;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a job has done, by the names that the service gives its metrics.
///
/// @param inputEvents            what was read from messages; those that are broken are not among them
/// @param inputSourcesReceived   messages, or pieces of files, each of which may hold several events
/// @param watermarkDelaySeconds  now less the watermark of the output that is furthest behind
/// @param backloggedInputEvents  messages that wait in the inputs
/// @param lastOutputEventTicks   the earliest of the times of the latest rows that outputs show; 0 where there is none yet
/// @param outputs                what each output took, by its name, whatever the case
public record JobMetrics(long inputEvents, long inputSourcesReceived, long inputEventBytes, long outputEvents, long lateInputEvents, long outOfOrderEvents, long earlyInputEvents,
        long dataConversionErrors, long inputDeserializationErrors, long runtimeErrors, long watermarkDelaySeconds, long backloggedInputEvents,
        long lastOutputEventTicks, SortedMap<String, OutputCount> outputs) implements Serializable {
    public static final JobMetrics NONE = new JobMetrics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, new TreeMap<>());

    public JobMetrics {
        SortedMap<String, OutputCount> counts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        counts.putAll(outputs);
        outputs = Collections.unmodifiableSortedMap(counts);
    }

    /// Rows that an output took, and those that it could not take.
    public record OutputCount(long rows, long refused) implements Serializable {
        public OutputCount plus(OutputCount other) {
            return new OutputCount(rows + other.rows, refused + other.refused);
        }
    }

    /// Of a run that is over, and that was not watched: what was wrong tells the rest.
    public static JobMetrics ended(long inputEvents, long inputSources, long inputEventBytes, List<Diagnosed> errors, Map<String, OutputCount> outputs) {
        return new JobMetrics(inputEvents, inputSources, inputEventBytes, outputs.values().stream().mapToLong(OutputCount::rows).sum(), count(errors, "LateInputEvent"),
                count(errors, "OutOfOrderEvent"), count(errors, "EarlyInputEvent"), count(errors, "OutputDataConversionError"),
                count(errors, "InputDeserializerError") + count(errors, "InvalidInputTimeStamp"), count(errors, DataError.RUNTIME) + count(errors, Loss.TYPE), 0, 0, 0, new TreeMap<>(outputs));
    }

    private static long count(List<Diagnosed> errors, String type) {
        return errors.stream().filter(error -> error.example().type().startsWith(type)).mapToLong(Diagnosed::count).sum();
    }

    /// By the names that the portal shows.
    public Map<String, Long> byName() {
        Map<String, Long> named = new LinkedHashMap<>();
        named.put("Input Events", inputEvents);
        named.put("Input Sources Received", inputSourcesReceived);
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
