package io.conshelf.connectors.file;

import java.time.Instant;

/// A file of a store.
public record StoredFile(String path, long sizeBytes, Instant lastModified) {
    public String name() {
        return StorePath.name(path);
    }
}
