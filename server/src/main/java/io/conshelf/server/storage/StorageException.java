package io.conshelf.server.storage;

/// A refused storage operation. The message is for the caller and holds no secret.
public final class StorageException extends RuntimeException {
    private final StorageCode code;

    public StorageException(StorageCode code, String message) {
        super(message);
        this.code = code;
    }

    public StorageException(StorageCode code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public StorageCode code() {
        return code;
    }

    static StorageException noContainer(String container) {
        return new StorageException(StorageCode.CONTAINER_NOT_FOUND, "Container '%s' does not exist.".formatted(container));
    }

    static StorageException noBlob(String container, String blob) {
        return new StorageException(StorageCode.BLOB_NOT_FOUND, "Blob '%s' does not exist in container '%s'.".formatted(blob, container));
    }

    static StorageException noQueue(String queue) {
        return new StorageException(StorageCode.QUEUE_NOT_FOUND, "Queue '%s' does not exist.".formatted(queue));
    }

    static StorageException noTable(String table) {
        return new StorageException(StorageCode.TABLE_NOT_FOUND, "Table '%s' does not exist.".formatted(table));
    }

    static StorageException noEntity(String table, EntityKey key) {
        return new StorageException(StorageCode.RESOURCE_NOT_FOUND, "Table '%s' has no entity with PartitionKey '%s' and RowKey '%s'."
                .formatted(table, key.partitionKey(), key.rowKey()));
    }

    static StorageException notImplemented(String operation) {
        return new StorageException(StorageCode.NOT_IMPLEMENTED, operation + " is not offered by the embedded storage.");
    }

    static StorageException io(String doing, Throwable cause) {
        return new StorageException(StorageCode.INTERNAL_ERROR, "Storage failed while " + doing + "; the server's log has the cause.", cause);
    }
}
