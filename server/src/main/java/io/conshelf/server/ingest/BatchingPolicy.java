package io.conshelf.server.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// When a batch of sources is full or has waited long enough.
record BatchingPolicy(Duration timeMax, int itemsMax, long rawBytesMax) {
    static final BatchingPolicy DEFAULT = new BatchingPolicy(Duration.ofMinutes(5), 500, 1024L << 20);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern CLOCK = Pattern.compile("(?:(\\d+)\\.)?(\\d{1,2}):(\\d{2}):(\\d{2})(?:\\.\\d+)?");

    /// Reads the policy as it is stored; what is not in it has its default.
    static BatchingPolicy of(String json) {
        JsonNode policy;
        try {
            policy = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored batching policy is not JSON: " + json, e);
        }
        if (policy == null || !policy.isObject()) {
            return DEFAULT;
        }
        return new BatchingPolicy(
                time(policy.path("MaximumBatchingTimeSpan").asText("")),
                Math.max(1, policy.path("MaximumNumberOfItems").asInt(DEFAULT.itemsMax)),
                Math.max(1, policy.path("MaximumRawDataSizeMB").asLong(DEFAULT.rawBytesMax >> 20)) << 20);
    }

    private static Duration time(String text) {
        Matcher clock = CLOCK.matcher(text);
        if (!clock.matches()) {
            return DEFAULT.timeMax;
        }
        return Duration.ofDays(clock.group(1) == null ? 0 : Long.parseLong(clock.group(1)))
                .plusHours(Long.parseLong(clock.group(2)))
                .plusMinutes(Long.parseLong(clock.group(3)))
                .plusSeconds(Long.parseLong(clock.group(4)));
    }
}
