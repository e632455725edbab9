package io.conshelf.server.storage;

/// Is told of blobs once they are made or deleted, before whoever did so gets an answer.
public interface BlobListener {
    BlobListener NOBODY = new BlobListener() {
        @Override
        public void created(String container, String blob, long bytes) {}

        @Override
        public void deleted(String container, String blob) {}
    };

    /// @param container that of an account other than the reserved one begins with the account and a slash
    void created(String container, String blob, long bytes);

    void deleted(String container, String blob);
}
