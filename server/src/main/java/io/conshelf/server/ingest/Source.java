package io.conshelf.server.ingest;

import io.conshelf.engine.Principal;
import io.conshelf.engine.StorageUri;
import java.nio.file.Path;
import java.util.Optional;

/// A message whose blob was found, on its way into a batch.
///
/// @param receipt   the message in the queue
/// @param rawBytes  uncompressed size, counted or estimated
/// @param isGzip    by the content's first bytes, or its name where it lies elsewhere
record Source(
        Receipt receipt,
        IngestionMessage message,
        Principal principal,
        IngestionProperties properties,
        Content content,
        long rawBytes,
        boolean isGzip) {

    private static final String INGEST_BY = "ingest-by:";

    /// Where the blob's content is.
    sealed interface Content {
        /// In this server's own storage.
        record Here(Path file) implements Content {}

        /// In another account, from where it is copied when its batch is ingested.
        record Elsewhere(StorageUri uri) implements Content {}
    }

    /// What proves that a message of the queue is ours to finish.
    ///
    /// @param deliveries how often the message was received
    record Receipt(String messageId, String popReceipt, long deliveries) {}

    /// Sources with the same key may share a batch.
    record Key(Principal principal, String database, String table, IngestionProperties properties) {
        boolean isSameTable(Key other) {
            return table.equals(other.table) && database.equalsIgnoreCase(other.database);
        }
    }

    Key key() {
        return new Key(principal, message.database(), message.table(), properties);
    }

    String path() {
        return BlobName.withoutSignature(message.blobUri());
    }

    /// Why it goes alone, if it does: at once by its sender's wish, or because of tags that are to name it and nothing else.
    Optional<Batch.Reason> alone() {
        if (message.flushesImmediately()) {
            return Optional.of(Batch.Reason.FLUSH_IMMEDIATELY);
        }
        if (!properties.ingestIfNotExists().isEmpty()) {
            return Optional.of(Batch.Reason.INGEST_IF_NOT_EXISTS);
        }
        return properties.tags().stream().anyMatch(tag -> tag.startsWith(INGEST_BY))
                ? Optional.of(Batch.Reason.INGEST_BY_TAG)
                : Optional.empty();
    }
}
