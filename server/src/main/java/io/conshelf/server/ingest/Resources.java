package io.conshelf.server.ingest;

import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/// The storage that data management offers its clients: where to put blobs and messages, and where outcomes are told.
final class Resources {
    static final String READY_QUEUE = "ready-0";
    static final String FAILED_QUEUE = "failed-ingestions";
    static final String SUCCEEDED_QUEUE = "successful-ingestions";
    static final String STATUS_TABLE = "ingestionstatus";
    static final String STAGING_CONTAINER = "temp-0";
    static final String EXPORT_CONTAINER = "export-0";

    private final Storage storage;
    private final LentStorage lent;
    private final Duration lifetime;
    private final InstantSource clock;

    Resources(Storage storage, LentStorage lent, Duration lifetime, InstantSource clock) {
        this.storage = storage;
        this.lent = lent;
        this.lifetime = lifetime;
        this.clock = clock;
        for (String queue : List.of(READY_QUEUE, FAILED_QUEUE, SUCCEEDED_QUEUE)) {
            lent.create(new StorageResource.Queue(queue));
        }
        storage.tables().createTable(STATUS_TABLE);
        lent.create(new StorageResource.Container(STAGING_CONTAINER));
        lent.create(new StorageResource.Container(EXPORT_CONTAINER));
    }

    /// One resource as clients are told of it. The type names are the five that every client knows.
    record Offered(String type, URI uri) {}

    /// @param base scheme, host and port under which the client came in
    List<Offered> offered(URI base) {
        return List.of(
                new Offered("TempStorage", stagingContainer(base)),
                new Offered(
                        "SecuredReadyForAggregationQueue",
                        signed(base, new StorageResource.Queue(READY_QUEUE), Set.of(SasPermission.ADD))),
                new Offered(
                        "FailedIngestionsQueue",
                        signed(base, new StorageResource.Queue(FAILED_QUEUE), Set.of(SasPermission.READ, SasPermission.PROCESS))),
                new Offered(
                        "SuccessfulIngestionsQueue",
                        signed(base, new StorageResource.Queue(SUCCEEDED_QUEUE), Set.of(SasPermission.READ, SasPermission.PROCESS))),
                new Offered("IngestionsStatusTable", statusTable(base)));
    }

    URI stagingContainer(URI base) {
        return signed(
                base,
                new StorageResource.Container(STAGING_CONTAINER),
                Set.of(SasPermission.READ, SasPermission.ADD, SasPermission.CREATE, SasPermission.WRITE));
    }

    /// Where clients have data exported to, and read and delete it.
    URI exportContainer(URI base) {
        return signed(
                base,
                new StorageResource.Container(EXPORT_CONTAINER),
                Set.of(
                        SasPermission.READ, SasPermission.ADD, SasPermission.CREATE, SasPermission.WRITE, SasPermission.DELETE,
                        SasPermission.LIST));
    }

    URI statusTable(URI base) {
        return storage.sas().uri(
                base,
                new StorageResource.Table(STATUS_TABLE),
                Set.of(SasPermission.READ, SasPermission.ADD, SasPermission.UPDATE),
                clock.instant().plus(lifetime));
    }

    private URI signed(URI base, StorageResource resource, Set<SasPermission> permissions) {
        return lent.signed(base, resource, permissions, clock.instant().plus(lifetime));
    }
}
