package io.conshelf.server.storage;

/// Where an entity stands in its table. Ordered as the service orders: by partition, then by row, both ordinal.
public record EntityKey(String partitionKey, String rowKey) implements Comparable<EntityKey> {
    @Override public int compareTo(EntityKey other) {
        int byPartition = partitionKey.compareTo(other.partitionKey);
        return byPartition != 0 ? byPartition : rowKey.compareTo(other.rowKey);
    }
}
