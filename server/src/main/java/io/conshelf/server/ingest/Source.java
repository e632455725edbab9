package io.conshelf.server.ingest;

import io.conshelf.engine.Principal;
import java.nio.file.Path;

/// A message whose blob was found, on its way into a batch.
///
/// @param receipt   the message in the queue
/// @param file      the blob's content
/// @param rawBytes  uncompressed size, counted or estimated
/// @param isGzip    by the content's first bytes
record Source(
        Receipt receipt,
        IngestionMessage message,
        Principal principal,
        IngestionProperties properties,
        Path file,
        long rawBytes,
        boolean isGzip) {

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

    /// Whether it goes alone: at once by its sender's wish, or because its tags decide whether it goes at all.
    boolean goesAlone() {
        return message.flushesImmediately() || !properties.ingestIfNotExists().isEmpty();
    }
}
