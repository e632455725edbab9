package io.conshelf.connectors.blob;

import java.util.Map;

/// How blobs are written.
///
/// @param metadata by name; the value `$$LASTMODIFIED` stands for the time of the file that is copied
public record BlobWriting(int blockBytes, Map<String, String> metadata) {
    public static final BlobWriting STANDARD = new BlobWriting(8 << 20, Map.of());
    static final String LAST_MODIFIED = "$$LASTMODIFIED";

    public BlobWriting {
        metadata = Map.copyOf(metadata);
    }
}
