package io.conshelf.server.ingest;

import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clears the containers that clients are given for a while. Clients ask to keep their blobs there even after success and never come back for them,
/// so a blob that was ingested goes some time later, and one that nothing ever named goes with the signature it came by.
final class StagedBlobCleanup {
    private static final Logger LOG = LoggerFactory.getLogger(StagedBlobCleanup.class);
    private static final Duration AFTER_INGESTION = Duration.ofMinutes(10);
    private static final Duration UNCLAIMED = Duration.ofDays(7);
    private static final Duration EVERY = Duration.ofMinutes(1);
    /// Blobs that are remembered; what is ingested beyond goes as an unclaimed one.
    private static final int DONE_MAX = 200_000;

    private final LentStorage storage;
    private final InstantSource clock;
    private final Map<StorageResource.Blob, Instant> done = new ConcurrentHashMap<>();
    private Instant nextSweep = Instant.MIN;
    /// Where each container's next page begins.
    private final Map<String, String> markers = new HashMap<>();

    StagedBlobCleanup(LentStorage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /// A message names the blob again.
    void needed(StorageResource.Blob blob) {
        done.remove(blob);
    }

    /// As [#needed], of a blob that is in another account.
    void needed(IngestionMessage message) {
        blob(message).ifPresent(this::needed);
    }

    void done(IngestionMessage message) {
        blob(message).ifPresent(blob -> {
            // Clients are given no right to delete what they put here; elsewhere they have to have it.
            boolean isStaged = Resources.isForUploads(blob.container()) && storage.isOurs(blob.container());
            if (!message.keepsBlob()) {
                deleting(blob, () -> {
                    if (isStaged) {
                        storage.delete(blob);
                    } else {
                        storage.deleteThrough(uri(message));
                    }
                });
            } else if (isStaged && done.size() < DONE_MAX) {
                done.put(blob, clock.instant());
            }
        });
    }

    private static URI uri(IngestionMessage message) {
        return URI.create(message.blobUri().replace(" ", "%20"));
    }

    /// Empty where the blob is not in the storage that is lent, or its signature has ended meanwhile: then it goes as an unclaimed one.
    private Optional<StorageResource.Blob> blob(IngestionMessage message) {
        try {
            return storage.opened(uri(message), Set.of(SasPermission.READ))
                    .flatMap(place -> place instanceof StorageResource.Blob blob ? Optional.of(blob) : Optional.empty());
        } catch (StorageException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void sweep() {
        Instant now = clock.instant();
        if (now.isBefore(nextSweep)) {
            return;
        }
        nextSweep = now.plus(EVERY);
        done.forEach((blob, since) -> {
            if (since.plus(AFTER_INGESTION).isBefore(now) && done.remove(blob, since)) {
                delete(blob);
            }
        });
        // One that is gone is forgotten.
        var containers = new HashSet<String>();
        storage.ours(Resources.EXPORT_CONTAINERS).stream().filter(Resources::isForExports).forEach(containers::add);
        storage.ours(Resources.STAGING_CONTAINERS).stream().filter(Resources::isForUploads).forEach(containers::add);
        markers.keySet().retainAll(containers);
        containers.forEach(container -> markers.put(container, swept(container, markers.getOrDefault(container, ""), now)));
    }

    /// Some at a time: there is no hurry. A container that cannot be read keeps nobody from clearing the others.
    private String swept(String container, String marker, Instant now) {
        if (!storage.isOurs(container)) {
            return "";
        }
        try {
            var page = storage.list(container, marker);
            page.blobs().stream()
                    .filter(blob -> blob.lastModified().plus(UNCLAIMED).isBefore(now))
                    .forEach(blob -> delete(new StorageResource.Blob(container, blob.name())));
            return page.next().orElse("");
        } catch (RuntimeException e) {
            LOG.warn("The container '{}' could not be cleared of what nobody claims: {}", container, e.getMessage());
            return "";
        }
    }

    private void delete(StorageResource.Blob blob) {
        deleting(blob, () -> storage.delete(blob));
    }

    private static void deleting(StorageResource.Blob blob, Runnable deletion) {
        try {
            deletion.run();
        } catch (RuntimeException e) {
            LOG.warn("The blob '{}' of container '{}' could not be deleted: {}", blob.name(), blob.container(), e.getMessage());
        }
    }
}
