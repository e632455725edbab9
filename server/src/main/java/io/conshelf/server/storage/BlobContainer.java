package io.conshelf.server.storage;

import java.time.Instant;
import java.util.Map;

/// A container as such.
public record BlobContainer(String name, String etag, Instant lastModified, Map<String, String> metadata) {
    public BlobContainer {
        metadata = Map.copyOf(metadata);
    }
}
