package io.conshelf.server.ingest;

import io.conshelf.server.storage.BlobContainer;
import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What is lent is the storage of this process, which outlives it where it is durable and is closed by who opened it.
final class OwnLentStorage implements LentStorage {
    /// Longer than any batch waits and takes with its repetitions; a restart makes messages visible at once.
    private static final Duration VISIBILITY = Duration.ofHours(12);
    private static final int PAGE = 1_000;
    private static final int HELD_MAX = 50_000;

    private final Storage storage;

    OwnLentStorage(Storage storage) {
        this.storage = storage;
    }

    @Override
    public void create(StorageResource place) {
        switch (place) {
            case StorageResource.Queue(String name) -> storage.queues().create(name);
            case StorageResource.Container(String name) -> storage.blobs().createContainer(name);
            case StorageResource.Blob _, StorageResource.Table _ -> throw new IllegalArgumentException("no container and no queue: " + place);
        }
    }

    @Override
    public URI signed(URI base, StorageResource place, Set<SasPermission> permissions, Instant until) {
        return storage.sas().uri(base, place, permissions, until);
    }

    @Override
    public URI signedFor(String borrower, URI base, StorageResource place, Set<SasPermission> permissions, Instant until) {
        return storage.sas().uri(base, place, permissions, until, borrower);
    }

    @Override
    public Optional<StorageResource> opened(URI uri, Set<SasPermission> permissions) {
        return storage.sas().resource(uri, permissions);
    }

    @Override
    public void put(String queue, String text) {
        storage.queues().put(queue, text);
    }

    @Override
    public void putAllFor(String borrower, String queue, List<String> texts, Consumer<RuntimeException> partly) {
        try {
            storage.queues().putAllFor(borrower, queue, texts);
        } catch (StorageException e) {
            // Where the disk failed nobody knows what is queued; otherwise nothing is.
            if (e.code() == StorageCode.INTERNAL_ERROR) {
                partly.accept(e);
            }
            throw e;
        }
    }

    @Override
    public void tell(String queue, String text) {
        storage.queues().tell(queue, text);
    }

    @Override
    public boolean awaitMessage(String queue, Duration max) throws InterruptedException {
        return storage.queues().awaitMessage(queue, max);
    }

    @Override
    public List<QueueMessage> receive(String queue, int max) {
        return storage.queues().receive(queue, max, VISIBILITY);
    }

    @Override
    public int heldMax() {
        return HELD_MAX;
    }

    @Override
    public void release(String queue) {
        storage.queues().release(queue);
    }

    @Override
    public void delete(String queue, String messageId, String popReceipt) {
        storage.queues().delete(queue, messageId, popReceipt);
    }

    @Override
    public void giveBack(String queue, String messageId, String popReceipt, Duration after) {
        storage.queues().extend(queue, messageId, popReceipt, after);
    }

    @Override
    public void putBack(String queue, String messageId, String popReceipt, Duration after) {
        storage.queues().putBack(queue, messageId, popReceipt, after);
    }

    @Override
    public boolean isOurs(String container) {
        return true;
    }

    @Override
    public List<String> ours(String prefix) {
        return storage.blobs().containers().stream().map(BlobContainer::name).filter(name -> name.startsWith(prefix)).toList();
    }

    @Override
    public void deleteThrough(URI uri) {
        if (opened(uri, Set.of(SasPermission.DELETE)).orElse(null) instanceof StorageResource.Blob blob) {
            delete(blob);
        }
    }

    @Override
    public void delete(StorageResource.Blob blob) {
        try {
            storage.blobs().delete(blob.container(), blob.name());
        } catch (StorageException e) {
            if (e.code() != StorageCode.BLOB_NOT_FOUND && e.code() != StorageCode.CONTAINER_NOT_FOUND) {
                throw e;
            }
        }
    }

    /// A page each time: the storage is locked while it lists.
    @Override
    public Listing list(String container, String marker) {
        var page = storage.blobs().list(container, "", "", marker, PAGE);
        return new Listing(page.blobs().stream().map(blob -> new Listed(blob.name(), blob.lastModified())).toList(), page.next());
    }

    @Override
    public void close() {
        // The server closes its storage.
    }
}
