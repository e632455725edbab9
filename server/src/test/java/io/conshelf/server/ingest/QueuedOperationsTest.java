package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueuedOperationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final URI BASE = URI.create("http://127.0.0.1:1");

    @TempDir
    private Path folder;

    @Test
    void eachOperationTellsOfItsOwnSourcesAndOnlyToThoseWithARole() throws Exception {
        try (var storage = Storage.open(Storage.Options.inMemory(folder, SigningKey.random()));
                var engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")))) {
            var clock = InstantSource.system();
            var operations = new QueuedOperations(
                    engine, storage, LentStorage.own(storage), new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), clock),
                    new IdentityTokens(new byte[32], Duration.ofHours(1), clock), clock);
            var ids = new ArrayList<String>();
            for (int blobs : List.of(20, 1, 20)) {
                ids.add(submit(operations, blobs));
            }
            List<Integer> pending = new ArrayList<>();
            for (String id : ids) {
                String status = operations.status(Principal.LOCAL_ADMINISTRATOR, "Lab", "T", id, true).orElseThrow();
                pending.add(JSON.readTree(status).path("status").path("inProgress").asInt());
            }
            assertThat(pending).containsExactly(20, 1, 20);
            assertThat(operations.status(Principal.LOCAL_ADMINISTRATOR, "Lab", "U", ids.getFirst(), true)).isEmpty();

            var stranger = new Principal("aadapp=stranger;t", "stranger", false);
            assertThatThrownBy(() -> operations.status(stranger, "Lab", "T", ids.getFirst(), true))
                    .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().httpStatus()).isEqualTo(403));
        }
    }

    private static String submit(QueuedOperations operations, int blobCount) throws Exception {
        var blobs = new ArrayList<Map<String, String>>();
        for (int i = 0; i < blobCount; i++) {
            blobs.add(Map.of("url", "http://h/c/" + i + ".csv"));
        }
        JsonNode body = JSON.valueToTree(Map.of("blobs", blobs, "properties", Map.of("format", "csv", "enableTracking", true)));
        return JSON.readTree(operations.submit(Principal.LOCAL_ADMINISTRATOR, BASE, "Lab", "T", body))
                .path("ingestionOperationId").asText();
    }
}
