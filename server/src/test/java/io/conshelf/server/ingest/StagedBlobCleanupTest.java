package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageResource;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedBlobCleanupTest {
    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T10:00:00Z"));

    @Test
    void everyUnclaimedBlobGoesHoweverManyThereAre() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            for (int i = 0; i < 2_100; i++) {
                // Those of today stand before the old ones.
                put(storage, "a" + i);
            }
            put(storage, "z");
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(6)));
            for (int i = 0; i < 2_100; i++) {
                put(storage, "a" + i);
            }
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(2)));
            var cleanup = new StagedBlobCleanup(LentStorage.own(storage), now::get);
            for (int sweep = 0; sweep < 3; sweep++) {
                cleanup.sweep();
                now.updateAndGet(moment -> moment.plus(Duration.ofMinutes(2)));
            }
            assertThat(storage.blobs().find(Resources.STAGING_CONTAINER, "z")).isEmpty();
            assertThat(storage.blobs().find(Resources.STAGING_CONTAINER, "a0")).isPresent();
        }
    }

    @Test
    void outsideTheContainerForUploadsOnlyASignatureThatAllowsDeletionHasABlobDeleted() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            storage.blobs().createContainer("lake");
            var cleanup = new StagedBlobCleanup(LentStorage.own(storage), now::get);
            for (String container : List.of("lake", Resources.STAGING_CONTAINER)) {
                storage.blobs().put(container, "a.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
                cleanup.done(ingested(storage, container, Set.of(SasPermission.READ)));
            }
            assertThat(storage.blobs().find("lake", "a.csv")).isPresent();
            assertThat(storage.blobs().find(Resources.STAGING_CONTAINER, "a.csv")).isEmpty();
            cleanup.done(ingested(storage, "lake", Set.of(SasPermission.READ, SasPermission.DELETE)));
            assertThat(storage.blobs().find("lake", "a.csv")).isEmpty();
        }
    }

    private IngestionMessage ingested(Storage storage, String container, Set<SasPermission> permissions) throws Exception {
        var uri = storage.sas().uri(
                URI.create("http://localhost:8080"), new StorageResource.Blob(container, "a.csv"), permissions, now.get().plusSeconds(60));
        return IngestionMessage.parse("{\"BlobPath\":\"" + uri + "\",\"DatabaseName\":\"Lab\",\"TableName\":\"T\"}");
    }

    private static void put(Storage storage, String name) throws Exception {
        storage.blobs().put(
                Resources.STAGING_CONTAINER, name, new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
    }
}
