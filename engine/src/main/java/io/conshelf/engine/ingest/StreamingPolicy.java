package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.store.ClusterPolicies;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Table;

/// Whether a table takes streamed rows. The table's policy wins over its database's, and that over the
/// cluster's; without any it doesn't.
final class StreamingPolicy {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private StreamingPolicy() {}

    static boolean isEnabled(ClusterPolicies cluster, Database database, Table table) {
        return cluster.effective(database, table, PolicyKind.STREAMING_INGESTION)
                .map(StreamingPolicy::isEnabled)
                .orElse(false);
    }

    private static boolean isEnabled(String policy) {
        try {
            JsonNode json = JSON.readTree(policy);
            return json.path("IsEnabled").asBoolean(false);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A stored policy is not JSON", e);
        }
    }
}
