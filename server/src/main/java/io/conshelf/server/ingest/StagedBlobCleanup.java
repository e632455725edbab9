package io.conshelf.server.ingest;

import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Clears the containers that clients are given for a while. Clients ask to keep their blobs there even after success and never come back for them,
/// so a blob that was ingested goes some time later, and one that nothing ever named goes with the signature it came by.
final class StagedBlobCleanup {
    private static final Duration AFTER_INGESTION = Duration.ofMinutes(10);
    private static final Duration UNCLAIMED = Duration.ofDays(7);
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final int PAGE = 1_000;
    /// Blobs that are remembered; what is ingested beyond goes as an unclaimed one.
    private static final int DONE_MAX = 200_000;

    private final Storage storage;
    private final InstantSource clock;
    private final Map<String, Instant> done = new ConcurrentHashMap<>();
    private Instant nextSweep = Instant.MIN;
    /// Where each container's next page begins.
    private final Map<String, String> markers =
            new HashMap<>(Map.of(Resources.STAGING_CONTAINER, "", Resources.EXPORT_CONTAINER, ""));

    StagedBlobCleanup(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    /// A message names the blob again.
    void needed(StorageResource.Blob blob) {
        done.remove(blob.name());
    }

    void done(IngestionMessage message) {
        try {
            Optional<StorageResource> resource =
                    storage.sas().resource(URI.create(message.blobUri().replace(" ", "%20")), Set.of(SasPermission.READ));
            if (resource.isEmpty() || !(resource.get() instanceof StorageResource.Blob blob)) {
                return;
            }
            if (!message.keepsBlob()) {
                delete(blob.container(), blob.name());
            } else if (blob.container().equals(Resources.STAGING_CONTAINER) && done.size() < DONE_MAX) {
                done.put(blob.name(), clock.instant());
            }
        } catch (StorageException | IllegalArgumentException e) {
            // The signature ended meanwhile; the blob goes as an unclaimed one.
        }
    }

    void sweep() {
        Instant now = clock.instant();
        if (now.isBefore(nextSweep)) {
            return;
        }
        nextSweep = now.plus(EVERY);
        done.forEach((name, since) -> {
            if (since.plus(AFTER_INGESTION).isBefore(now) && done.remove(name, since)) {
                delete(Resources.STAGING_CONTAINER, name);
            }
        });
        markers.replaceAll((container, marker) -> swept(container, marker, now));
    }

    /// A page each time: the storage is locked while it lists, and there is no hurry.
    private String swept(String container, String marker, Instant now) {
        var page = storage.blobs().list(container, "", "", marker, PAGE);
        page.blobs().stream()
                .filter(blob -> blob.lastModified().plus(UNCLAIMED).isBefore(now))
                .forEach(blob -> delete(container, blob.name()));
        return page.next().orElse("");
    }

    private void delete(String container, String blob) {
        try {
            storage.blobs().delete(container, blob);
        } catch (StorageException e) {
            // It is gone already.
        }
    }
}
