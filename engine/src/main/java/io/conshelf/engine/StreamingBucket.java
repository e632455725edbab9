package io.conshelf.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Locale;
import java.util.UUID;

/// Streaming ingestion requests of one minute that have all of a [Key] in common.
public record StreamingBucket(
        Key key, long startTicks, long endTicks, long count, Measure durationTicks, Measure bytes, Measure rows, Failure failure) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// @param status  as `.show streamingingestion statistics` calls it
    /// @param format  as the service writes it: `Csv`
    /// @param mapping empty where none was named
    /// @param code    of the failure, empty in statistics
    public record Key(
            long minute, String database, String table, String principal, String status, String format, String mapping, String code) {

        /// What of the request is known, as JSON.
        public String properties() {
            var json = JSON.createObjectNode();
            if (mapping.isEmpty()) {
                json.putNull("Mapping");
            } else {
                json.put("Mapping", mapping);
            }
            return json.put("Format", format).toString();
        }
    }

    /// Of a number that each request has.
    public record Measure(long least, long most, long total) {
        static Measure of(long value) {
            return new Measure(value, value, value);
        }

        Measure plus(Measure other) {
            return new Measure(Math.min(least, other.least), Math.max(most, other.most), total + other.total);
        }
    }

    /// The first failure of the bucket.
    public record Failure(boolean isPermanent, String details, UUID activityId) {
        static final Failure NONE = new Failure(false, "", new UUID(0, 0));
    }

    static String format(String written) {
        return written.isEmpty()
                ? "Csv"
                : written.substring(0, 1).toUpperCase(Locale.ROOT) + written.substring(1).toLowerCase(Locale.ROOT);
    }

    StreamingBucket plus(StreamingBucket later) {
        return new StreamingBucket(
                key, Math.min(startTicks, later.startTicks), Math.max(endTicks, later.endTicks), count + later.count,
                durationTicks.plus(later.durationTicks), bytes.plus(later.bytes), rows.plus(later.rows), failure);
    }

    String toJson() {
        return JSON.valueToTree(this).toString();
    }

    static StreamingBucket parse(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return JSON.treeToValue(json, StreamingBucket.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A record of streaming ingestion cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
