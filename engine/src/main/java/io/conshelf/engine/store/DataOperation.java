package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// New extents of a table in one commit, as `.show data operations` tells of them.
///
/// @param durationTicks how long the transaction was at work
public record DataOperation(
        String database,
        String table,
        Kind kind,
        long originalBytes,
        long rows,
        long extents,
        long durationTicks,
        String clientRequestId,
        String principal) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// What brings extents, by the service's names.
    public enum Kind {
        BATCH_INGEST("BatchIngest"), SET_OR_APPEND("SetOrAppend"), ROW_STORE_SEAL("RowStoreSeal"), UPDATE_POLICY("UpdatePolicy");

        private final String serviceName;

        Kind(String serviceName) {
            this.serviceName = serviceName;
        }

        public String serviceName() {
            return serviceName;
        }
    }

    String toJson() {
        return JSON.createObjectNode()
                .put("database", database)
                .put("table", table)
                .put("kind", kind.name())
                .put("originalBytes", originalBytes)
                .put("rows", rows)
                .put("extents", extents)
                .put("durationTicks", durationTicks)
                .put("clientRequestId", clientRequestId)
                .put("principal", principal)
                .toString();
    }

    /// As [LogEntry.Kind#DATA_OPERATION] entries hold it.
    public static DataOperation parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A data operation cannot be read: " + e.getOriginalMessage(), e);
        }
        return new DataOperation(
                json.required("database").textValue(),
                json.required("table").textValue(),
                Kind.valueOf(json.required("kind").textValue()),
                json.required("originalBytes").longValue(),
                json.required("rows").longValue(),
                json.required("extents").longValue(),
                json.required("durationTicks").longValue(),
                json.required("clientRequestId").textValue(),
                json.required("principal").textValue());
    }
}
