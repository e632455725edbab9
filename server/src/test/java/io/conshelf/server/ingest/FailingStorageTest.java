package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Principal;
import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Queued ingestion whose storage fails under it for a while. Sources go to a table that there is not: that they end at all,
/// and how, is what counts.
@Timeout(600)
class FailingStorageTest {
    private static final URI BASE = URI.create("http://127.0.0.1:1");
    private static final byte[] SECRET = new byte[32];

    @TempDir
    private Path folder;

    private Storage storage;
    private Engine engine;
    private DataManagement management;
    private final BlockingQueue<String> ended = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        storage = Storage.open(Storage.Options.inMemory(folder.resolve("storage"), SigningKey.random()));
        engine = Engine.open(EngineConfig.inMemory(storage.blobs().contentFolder()).withDatabases(List.of("Lab")), new OwnStorage(storage));
        management = DataManagement.start(
                engine, storage, LentStorage.own(storage), SECRET,
                new DataManagement.Options(Duration.ofHours(1), Duration.ofHours(1), 3, 5, 64 << 10),
                (outcome, rows, bytes) -> ended.add(outcome), Membership.EVERYBODY, InstantSource.system());
    }

    @AfterEach
    void close() {
        management.close();
        engine.close();
        storage.close();
    }

    @Test
    void queuedIngestionGoesOnAfterItsQueueWasDeleted() throws Exception {
        storage.queues().drop(Resources.READY_QUEUE);
        while (management.isWorking()) {
            Thread.onSpinWait();
        }
        while (!management.isWorking()) {
            Thread.onSpinWait();
        }
        queue("a,1\n");
        assertThat(ended.poll(2, TimeUnit.MINUTES)).isEqualTo("failed");
    }

    @Test
    void missingReportQueuesHoldNothingUp() throws Exception {
        storage.queues().drop(Resources.FAILED_QUEUE);
        queue("a,1\n");
        queue("b,1\n");
        assertThat(ended.poll(2, TimeUnit.MINUTES)).isEqualTo("failed");
        assertThat(ended.poll(2, TimeUnit.MINUTES)).isEqualTo("failed");
        assertThat(management.isWorking()).isTrue();
    }

    @Test
    void aBlobThatCannotBeReadAtTheMomentIsTriedAgain() throws Exception {
        String name = blob("a,1\n");
        Path file = storage.blobs().file(storage.blobs().find(Resources.STAGING_CONTAINER, name).orElseThrow());
        byte[] content = Files.readAllBytes(file);
        // A folder opens but does not read, which is not the same as being absent.
        Files.delete(file);
        Files.createDirectory(file);
        message(name);
        assertThat(ended.poll(1, TimeUnit.SECONDS)).isNull();
        Files.delete(file);
        Files.write(file, content);
        assertThat(ended.poll(2, TimeUnit.MINUTES)).isEqualTo("failed");
        assertThat(failure()).contains("BadRequest_TableNotExist");
    }

    @Test
    void aBlobThatIsAbsentFailsAtOnce() throws Exception {
        message("nowhere.csv");
        assertThat(ended.poll(2, TimeUnit.MINUTES)).isEqualTo("failed");
        assertThat(failure()).contains("Download_SourceNotFound");
    }

    private String failure() {
        return new String(
                Base64.getDecoder().decode(storage.queues().peek(Resources.FAILED_QUEUE, 1).getFirst().text()),
                StandardCharsets.UTF_8);
    }

    private void queue(String text) throws Exception {
        message(blob(text));
    }

    private String blob(String text) throws Exception {
        String name = "blob-" + UUID.randomUUID() + ".csv";
        storage.blobs().put(
                Resources.STAGING_CONTAINER, name, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                new BlobProperties(Map.of(), Map.of()));
        return name;
    }

    private void message(String blob) {
        var resources = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), InstantSource.system());
        var message = new ObjectMapper().createObjectNode();
        message.put("Id", UUID.randomUUID().toString());
        message.put("BlobPath", resources.stagingContainer(BASE, Principal.LOCAL_ADMINISTRATOR).toString().replace("?", "/" + blob + "?"));
        message.put("DatabaseName", "Lab");
        message.put("TableName", "Absent");
        message.put("FlushImmediately", true);
        message.putObject("AdditionalProperties")
                .put("format", "csv")
                .put("authorizationContext", new IdentityTokens(SECRET, Duration.ofHours(1), Membership.EVERYBODY, InstantSource.system())
                        .issue(Principal.LOCAL_ADMINISTRATOR));
        storage.queues().put(Resources.READY_QUEUE, message.toString());
    }
}
