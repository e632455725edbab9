package io.conshelf.server.ingest;

import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The containers and queues that data management lends its clients and takes their sources from: this server's own, or those of an account
/// elsewhere. The table of their statuses always is the server's own: Java's client leaves the account out of the address of a table, so it finds
/// none in an account that has its name in its path.
///
/// Operations that fail throw a `RuntimeException`; one on a message that is no longer the receiver's throws
/// [io.conshelf.server.storage.StorageException] with the code that says so.
public interface LentStorage extends AutoCloseable {
    static LentStorage own(Storage storage) {
        return new OwnLentStorage(storage);
    }

    /// Makes a container or queue where there is none. It may go by what it saw some minutes ago: this is asked often.
    void create(StorageResource place);

    /// The address of a place, with a signature for it alone.
    ///
    /// @param base scheme, host and port under which the client came in
    URI signed(URI base, StorageResource place, Set<SasPermission> permissions, Instant until);

    /// As [#signed], so that a borrower takes no more room than is left to others, and opens it only as long as it is lent to them, where the storage can
    /// tell them apart.
    ///
    /// @param borrower letters, digits and hyphens; empty where all are one
    default URI signedFor(String borrower, URI base, StorageResource place, Set<SasPermission> permissions, Instant until) {
        return signed(base, place, permissions, until);
    }

    /// What an address of this storage names and its signature opens; empty where it leads elsewhere.
    Optional<StorageResource> opened(URI uri, Set<SasPermission> permissions);

    void put(String queue, String text);

    /// Puts messages for somebody whose messages are counted, as with [#signedFor]: all of them or none, where the storage can.
    ///
    /// @param partly told of the first failure after which some may be there, before any is taken back: from then on they are to be let go of when received
    /// @throws io.conshelf.engine.KustoException where the storage did not answer and some may be there, whatever was done to take them back
    void putAllFor(String borrower, String queue, List<String> texts, Consumer<RuntimeException> partly);

    /// As [#put], of what is only there for who wants to know: the oldest may go for it.
    default void tell(String queue, String text) {
        put(queue, text);
    }

    /// Waits until a message may be visible in the queue, at most so long. Returns whether one is.
    boolean awaitMessage(String queue, Duration max) throws InterruptedException;

    /// Up to `max` messages, which are the receiver's until it deletes them or gives them back, or its process ends.
    List<QueueMessage> receive(String queue, int max);

    /// How many messages the receiver is to have in its hands at most.
    int heldMax();

    /// Makes visible what a former process had in its hands, as far as the storage can.
    void release(String queue);

    void delete(String queue, String messageId, String popReceipt);

    /// Gives a message back, to be delivered again after a while.
    void giveBack(String queue, String messageId, String popReceipt, Duration after);

    /// As [#giveBack], where that need not count as a delivery.
    void putBack(String queue, String messageId, String popReceipt, Duration after);

    /// Whether a container was made to be lent, so that what clients leave there may go.
    boolean isOurs(String container);

    /// The containers that were made to be lent, also by a former process, whose names begin so.
    List<String> ours(String prefix);

    /// Deletes the blob that an address of this storage names, if the signature of that address allows it.
    void deleteThrough(URI uri);

    /// Deletes a blob, if it is there.
    void delete(StorageResource.Blob blob);

    /// Blobs of a container, some at a time.
    Listing list(String container, String marker);

    /// The servers, as `host:port`, that this storage is at where it is not this one's own: sources come from there.
    default Set<String> servers() {
        return Set.of();
    }

    @Override
    void close();

    /// @param next where the next ones begin, if there are any
    record Listing(List<Listed> blobs, Optional<String> next) {}

    record Listed(String name, Instant lastModified) {}
}
