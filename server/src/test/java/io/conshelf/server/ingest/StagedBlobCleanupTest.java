package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
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
    void whatWasExportedGoesInTheContainerOfEveryPrincipal() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            var resources = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            String path = resources.exportContainer(URI.create("http://localhost"), new Principal("aadapp=a;t", "a", false)).getPath();
            String container = path.substring(path.lastIndexOf('/') + 1);
            storage.blobs().put(container, "x.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(8)));
            // Of a process that has lent nothing yet.
            new StagedBlobCleanup(LentStorage.own(storage), now::get).sweep();
            assertThat(storage.blobs().find(container, "x.csv")).isEmpty();
        }
    }

    @Test
    void aContainerThatIsNotThereKeepsNobodyFromClearingTheOthers() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            storage.blobs().createContainer("export-0");
            storage.blobs().put("export-0", "x.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(8)));
            // Nobody has made the one for uploads.
            new StagedBlobCleanup(LentStorage.own(storage), now::get).sweep();
            assertThat(storage.blobs().find("export-0", "x.csv")).isEmpty();
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

    @Test
    void aContainerThatWasDeletedIsMadeAgainForWhoAsks() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            var resources = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            var principal = new Principal("aadapp=a;t", "a", false);
            for (Supplier<URI> place : List.<Supplier<URI>>of(() -> resources.exportContainer(URI.create("http://localhost"), principal),
                    () -> resources.stagingContainer(URI.create("http://localhost"), principal))) {
                String path = place.get().getPath();
                String container = path.substring(path.lastIndexOf('/') + 1);
                assertThat(storage.blobs().dropContainer(container)).isTrue();
                assertThat(place.get().getPath()).isEqualTo(path);
                assertThat(storage.blobs().container(container)).isPresent();
            }
        }
    }

    @Test
    void everyPrincipalHasAContainerOfItsOwnForUploadsAndAllAreCleared() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            var resources = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            var containers = new LinkedHashSet<String>();
            for (Principal principal : List.of(new Principal("aadapp=a;t", "a", false), new Principal("aadapp=b;t", "b", false), Principal.LOCAL_ADMINISTRATOR)) {
                String path = resources.stagingContainer(URI.create("http://localhost"), principal).getPath();
                containers.add(path.substring(path.lastIndexOf('/') + 1));
            }
            assertThat(containers).hasSize(3).contains(Resources.STAGING_CONTAINER);
            var cleanup = new StagedBlobCleanup(LentStorage.own(storage), now::get);
            for (String container : containers) {
                storage.blobs().put(container, "a.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
                storage.blobs().put(container, "b.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
                cleanup.done(ingested(storage, container, Set.of(SasPermission.READ)));
                assertThat(storage.blobs().find(container, "a.csv")).isEmpty();
            }
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(8)));
            cleanup.sweep();
            assertThat(containers).allSatisfy(container -> assertThat(storage.blobs().find(container, "b.csv")).isEmpty());
        }
    }

    @Test
    void containersOfUsersWhoseNamesBeginAsThoseThatAreLentKeepTheirBlobs() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()).with(now::get))) {
            new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), now::get);
            var cleanup = new StagedBlobCleanup(LentStorage.own(storage), now::get);
            var theirs = List.of("temp-archive", "temp-00", "temp-2026", "temp-0123456789abcdef0123456789abcdef0", "export-a", "export-0-old");
            for (String container : theirs) {
                storage.blobs().createContainer(container);
                storage.blobs().put(container, "a.csv", new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
                cleanup.done(ingested(storage, container, Set.of(SasPermission.READ)));
            }
            now.updateAndGet(moment -> moment.plus(Duration.ofDays(8)));
            cleanup.sweep();
            assertThat(theirs).allSatisfy(container -> assertThat(storage.blobs().find(container, "a.csv")).isPresent());
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
