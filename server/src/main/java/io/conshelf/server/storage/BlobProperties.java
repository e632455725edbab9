package io.conshelf.server.storage;

import java.util.Map;

/// What a client says about a blob's content.
///
/// @param headers  `Content-Type`, `Content-Encoding`, `Content-Language`, `Content-Disposition`, `Cache-Control`, `Content-MD5`
/// @param metadata names and values of `x-ms-meta-*`
public record BlobProperties(Map<String, String> headers, Map<String, String> metadata) {
    static final BlobProperties NONE = new BlobProperties(Map.of(), Map.of());

    public BlobProperties {
        headers = Map.copyOf(headers);
        metadata = Map.copyOf(metadata);
    }
}
