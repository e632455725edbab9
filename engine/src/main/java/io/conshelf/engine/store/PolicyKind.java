package io.conshelf.engine.store;

import java.util.Arrays;
import java.util.Optional;

/// The policies that can be set on tables, databases and the cluster, kept as the JSON text they were given.
public enum PolicyKind {
    AUTO_DELETE("AutoDeletePolicy"),
    CACHING("CachingPolicy"),
    CALLOUT("CalloutPolicy"),
    CAPACITY("CapacityPolicy"),
    ENCODING("EncodingPolicy"),
    EXTENT_TAGS_RETENTION("ExtentTagsRetentionPolicy"),
    INGESTION_BATCHING("IngestionBatchingPolicy"),
    INGESTION_TIME("IngestionTimePolicy"),
    MANAGED_IDENTITY("ManagedIdentityPolicy"),
    MERGE("MergePolicy"),
    PARTITIONING("PartitioningPolicy"),
    QUERY_WEAK_CONSISTENCY("QueryWeakConsistencyPolicy"),
    REQUEST_CLASSIFICATION("ClusterRequestClassificationPolicy"),
    RESTRICTED_VIEW_ACCESS("RestrictedViewAccessPolicy"),
    RETENTION("RetentionPolicy"),
    ROW_LEVEL_SECURITY("RowLevelSecurityPolicy"),
    ROW_ORDER("RowOrderPolicy"),
    SHARDING("ShardingPolicy"),
    STREAMING_INGESTION("StreamingIngestionPolicy"),
    UPDATE("UpdatePolicy");

    private final String kustoName;

    PolicyKind(String kustoName) {
        this.kustoName = kustoName;
    }

    /// As `.show … policy` prints it.
    public String kustoName() {
        return kustoName;
    }

    /// By the name printed, or the word of commands (`ingestionbatching`), in any case.
    public static Optional<PolicyKind> named(String name) {
        String key = name.replace("_", "");
        return Arrays.stream(values())
                .filter(k -> key.equalsIgnoreCase(k.kustoName)
                        || (key + "Policy").equalsIgnoreCase(k.kustoName))
                .findFirst();
    }

    /// What holds where neither table nor database has one.
    public Optional<String> defaultPolicy() {
        return Optional.empty();
    }
}
