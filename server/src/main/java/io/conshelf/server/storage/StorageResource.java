package io.conshelf.server.storage;

/// What a SAS can open.
public sealed interface StorageResource {
    /// The account the resource lives in.
    StorageAccount account();

    /// The path below the account, not percent-encoded.
    String path();

    record Container(String name) implements StorageResource {
        @Override public StorageAccount account() { return StorageAccount.BLOB; }
        @Override public String path() { return name; }
    }

    record Blob(String container, String name) implements StorageResource {
        @Override public StorageAccount account() { return StorageAccount.BLOB; }
        @Override public String path() { return container + "/" + name; }
    }

    record Queue(String name) implements StorageResource {
        @Override public StorageAccount account() { return StorageAccount.QUEUE; }
        @Override public String path() { return name; }
    }

    record Table(String name) implements StorageResource {
        @Override public StorageAccount account() { return StorageAccount.TABLE; }
        @Override public String path() { return name; }
    }
}
