package io.conshelf.server.storage;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The queues of the process. An operation that returns has happened: when the store is durable, it survives a kill.
/// A receive alone may be forgotten by a crash, after which the message is visible again: deliveries are at least once.
///
/// Failures are [StorageException]s: `QueueNotFound`, `MessageNotFound`, `PopReceiptMismatch`, …
public interface QueueStore {
    /// How long a message lives when its sender doesn't say.
    Duration DEFAULT_TTL = Duration.ofDays(7);

    /// A lifetime without end (`messagettl=-1`).
    Duration FOREVER = Duration.ofDays(365_000);

    /// Returns whether the queue was made now; false when it existed.
    boolean create(String queue, Map<String, String> metadata);

    default boolean create(String queue) {
        return create(queue, Map.of());
    }

    /// Returns whether there was such a queue.
    boolean drop(String queue);

    /// Names in order.
    List<String> queues();

    Map<String, String> metadata(String queue);

    void putMetadata(String queue, Map<String, String> metadata);

    QueueMessage put(String queue, String text, Duration delay, Duration ttl);

    default QueueMessage put(String queue, String text) {
        return put(queue, text, Duration.ZERO, DEFAULT_TTL);
    }

    /// As [#put] for a client, whose messages leave room for the server's own, and for those of others: as much as is left when this is put.
    ///
    /// @param borrower whoever was lent the queue, by any name that is always the same; empty for who has the account's key
    QueueMessage putFor(String borrower, String queue, String text, Duration delay, Duration ttl);

    /// As [#putFor] for several messages: all of them, or none where there is no room for all.
    void putAllFor(String borrower, String queue, List<String> texts);

    /// Puts a message that is only there for who wants to know: where a queue of such has its share, the oldest go.
    void tell(String queue, String text);

    /// Up to `max` visible messages, oldest first, hidden from others for `visibility`.
    List<QueueMessage> receive(String queue, int max, Duration visibility);

    List<QueueMessage> peek(String queue, int max);

    /// Hides the message for another `visibility` and gives it a new receipt.
    QueueMessage extend(String queue, String id, String popReceipt, Duration visibility);

    /// As [#extend] with a new text.
    QueueMessage update(String queue, String id, String popReceipt, Duration visibility, String text);

    void delete(String queue, String id, String popReceipt);

    void clear(String queue);

    /// Gives a received message back, to be received again after `visibility`: this delivery does not count.
    void putBack(String queue, String id, String popReceipt, Duration visibility);

    /// Makes what was received visible again, for the only consumer of a queue when it starts anew: what its former self
    /// had in hand when it ended need not wait for its time.
    void release(String queue);

    /// Messages that have not expired, visible or not.
    int approximateCount(String queue);

    /// Waits until a message may be visible in the queue, at most `timeout`. Returns whether one is.
    boolean awaitMessage(String queue, Duration timeout) throws InterruptedException;
}
