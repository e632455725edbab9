package io.conshelf.server.storage;

import java.time.Instant;
import java.util.List;

/// A committed blob.
///
/// @param content the file in the store's content folder; a new one with every write
/// @param blocks  what a block list put together; empty for a blob put in one piece
public record StoredBlob(
        String name,
        long sizeBytes,
        String etag,
        Instant createdOn,
        Instant lastModified,
        BlobProperties properties,
        String content,
        List<Block> blocks) {
    public StoredBlob {
        blocks = List.copyOf(blocks);
    }

    /// A committed block; blocks follow each other in the content without gaps.
    public record Block(String id, long sizeBytes) {}
}
