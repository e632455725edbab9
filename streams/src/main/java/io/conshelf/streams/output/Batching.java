package io.conshelf.streams.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.job.Durations;
import java.time.Duration;
import java.util.Optional;

/// When the rows of a file are enough.
sealed interface Batching {
    int ROWS_MIN = 2_000;
    Duration TIME_MAX = Duration.ofMinutes(1);

    /// So many rows, or fewer once the first of them has waited for so long.
    record Limits(int rowsMin, Duration timeMax) implements Batching {}

    /// All of an hour: when no more of its rows can come.
    record WholeHours() implements Batching {}

    /// What an output states, `sizeWindow` and `timeWindow`; the service's defaults for what it does not.
    ///
    /// @param properties of the output, which have been checked
    static Limits limits(JsonNode properties) {
        JsonNode rows = properties.path("sizeWindow");
        Optional<Duration> time = Durations.parse(properties.path("timeWindow").asText(""));
        return new Limits(rows.isMissingNode() || rows.isNull() ? ROWS_MIN : rows.asInt(ROWS_MIN), time.orElse(TIME_MAX));
    }

    static boolean isStated(JsonNode properties) {
        return properties.hasNonNull("sizeWindow") || properties.hasNonNull("timeWindow");
    }
}
