package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
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

    private static void put(Storage storage, String name) throws Exception {
        storage.blobs().put(
                Resources.STAGING_CONTAINER, name, new ByteArrayInputStream(new byte[] {1}), new BlobProperties(Map.of(), Map.of()));
    }
}
