package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurabilityTest {
    private static final EntityKey KEY = new EntityKey("p", "r");

    @TempDir Path folder;

    private final SigningKey key = SigningKey.random();

    private Storage open() throws IOException {
        return Storage.open(Storage.Options.durable(folder, key));
    }

    private static String text(Storage storage, String container, String blob) throws IOException {
        try (var in = storage.blobs().read(container, blob)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test void everythingIsThereAfterARestart() throws Exception {
        Map<String, EdmValue> properties = Map.of(
                "A", EdmValue.of("text"), "B", new EdmValue.Int32(-1), "C", new EdmValue.Int64(Long.MIN_VALUE), "D", new EdmValue.Real(Double.NaN),
                "E", EdmValue.of(true), "F", EdmValue.of(Instant.parse("2026-01-01T00:00:00.1234567Z")),
                "G", EdmValue.of(new UUID(1, 2)), "H", new EdmValue.Binary("AQI="));
        String block = Base64.getEncoder().encodeToString(new byte[] {1});
        QueueMessage received;
        StoredBlob before;
        Entity entity;
        try (Storage storage = open()) {
            storage.blobs().createContainer("temp-0", Map.of("use", "ingestion"));
            before = storage.blobs().put("temp-0", "a/ü.csv", bytes("content"),
                    new BlobProperties(Map.of("Content-Type", "text/csv"), Map.of("rows", "1")));
            storage.blobs().stageBlock("temp-0", "blocks", block, bytes("block"));
            storage.blobs().put("temp-0", "gone", bytes("x"), BlobProperties.NONE);
            storage.blobs().delete("temp-0", "gone");
            storage.queues().create("ready-0", Map.of("m", "1"));
            storage.queues().put("ready-0", "first");
            storage.queues().put("ready-0", "second");
            received = storage.queues().receive("ready-0", 1, Duration.ofHours(1)).getFirst();
            storage.tables().createTable("Status");
            entity = storage.tables().insert("Status", KEY, properties);
            storage.tables().insert("Status", new EntityKey("p", "gone"), Map.of());
            storage.tables().delete("Status", new EntityKey("p", "gone"), EntityStore.ANY);
        }
        try (Storage storage = open()) {
            assertThat(storage.blobs().container("temp-0").orElseThrow().metadata()).containsEntry("use", "ingestion");
            assertThat(storage.blobs().find("temp-0", "a/ü.csv")).contains(before);
            assertThat(text(storage, "temp-0", "a/ü.csv")).isEqualTo("content");
            assertThat(storage.blobs().find("temp-0", "gone")).isEmpty();
            storage.blobs().commitBlocks("temp-0", "blocks",
                    List.of(new BlobStore.BlockReference(BlobStore.BlockReference.Source.LATEST, block)), BlobProperties.NONE, BlobCondition.ALWAYS);
            assertThat(text(storage, "temp-0", "blocks")).isEqualTo("block");

            assertThat(storage.queues().metadata("ready-0")).containsEntry("m", "1");
            assertThat(storage.queues().receive("ready-0", 32, Duration.ofSeconds(1))).extracting(QueueMessage::text).containsExactly("second");
            storage.queues().delete("ready-0", received.id(), received.popReceipt());
            assertThat(storage.queues().approximateCount("ready-0")).isEqualTo(1);

            assertThat(storage.tables().find("Status", KEY)).contains(entity);
            assertThat(storage.tables().find("Status", new EntityKey("p", "gone"))).isEmpty();
        }
    }

    @Test void whatWasAcknowledgedBeforeAKillIsThereOnce() throws Exception {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-cp", System.getProperty("java.class.path"), Writer.class.getName(), folder.toString())
                .redirectErrorStream(false).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> acknowledged = new ArrayList<>();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while (acknowledged.size() < 300 && (line = lines.readLine()) != null) {
                acknowledged.add(line);
            }
            process.toHandle().destroyForcibly(); // SIGKILL; the process object would also close the stream
            while ((line = lines.readLine()) != null) {
                acknowledged.add(line);
            }
        }
        process.waitFor();
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(300);
        try (Storage storage = open()) {
            List<String> texts = new ArrayList<>();
            List<QueueMessage> page;
            while (!(page = storage.queues().receive("ready-0", 32, Duration.ofHours(1))).isEmpty()) {
                page.forEach(message -> texts.add(message.text()));
            }
            assertThat(texts).doesNotHaveDuplicates().containsAll(acknowledged);
            for (String name : acknowledged) {
                assertThat(text(storage, "temp-0", name)).isEqualTo(name.repeat(100));
                assertThat(storage.tables().find("Status", new EntityKey(name, name))).isPresent();
            }
        }
    }

    /// Run in a process of its own: writes and acknowledges until it is killed.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            Storage storage = Storage.open(Storage.Options.durable(Path.of(arguments[0]), SigningKey.random()));
            storage.blobs().createContainer("temp-0");
            storage.queues().create("ready-0");
            storage.tables().createTable("Status");
            for (int thread = 0; thread < 4; thread++) {
                int number = thread;
                Thread.ofPlatform().start(() -> {
                    for (int i = 0; ; i++) {
                        String name = number + "-" + i;
                        storage.blobs().put("temp-0", name, bytes(name.repeat(100)), BlobProperties.NONE);
                        storage.tables().insert("Status", new EntityKey(name, name), Map.of());
                        storage.queues().put("ready-0", name);
                        synchronized (System.out) {
                            System.out.println(name);
                            System.out.flush();
                        }
                    }
                });
            }
        }
    }

    @Test void aTornWriteAtTheEndIsCutOffAndKeptAside() throws Exception {
        try (Storage storage = open()) {
            storage.queues().create("ready-0");
            storage.queues().put("ready-0", "whole");
        }
        Path journal = folder.resolve("queues.journal");
        Files.write(journal, new byte[] {0, 0, 0, 50, 1, 2, 3, 4, 5}, StandardOpenOption.APPEND);
        try (Storage storage = open()) {
            assertThat(storage.queues().peek("ready-0", 32)).extracting(QueueMessage::text).containsExactly("whole");
            storage.queues().put("ready-0", "after");
        }
        assertThat(folder.resolve("queues.journal.torn")).hasBinaryContent(new byte[] {0, 0, 0, 50, 1, 2, 3, 4, 5});
        try (Storage storage = open()) {
            assertThat(storage.queues().peek("ready-0", 32)).extracting(QueueMessage::text).containsExactly("whole", "after");
        }
    }

    @Test void everyPrefixOfAJournalOpens() throws Exception {
        Path journal = folder.resolve("queues.journal");
        try (Storage storage = open()) {
            storage.queues().create("ready-0");
            for (int i = 0; i < 5; i++) {
                storage.queues().put("ready-0", "m" + i);
            }
        }
        byte[] whole = Files.readAllBytes(journal);
        int header = "conshelf journal 1\n".length();
        for (int length = header; length <= whole.length; length += 7) {
            Files.write(journal, Arrays.copyOf(whole, length));
            try (Storage storage = open()) {
                assertThat(storage.queues().queues().size()).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test void aForeignFileIsNotOverwritten() throws Exception {
        Files.writeString(folder.resolve("queues.journal"), "something that matters to somebody");
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("queues.journal");
        assertThat(folder.resolve("queues.journal")).hasContent("something that matters to somebody");
    }

    @Test void aFolderServesOneServerAtATime() throws Exception {
        try (Storage _ = open()) {
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
        }
        open().close();
    }

    @Test void theJournalShrinksWhenItIsMostlyHistory() throws Exception {
        try (Storage storage = open()) {
            storage.queues().create("ready-0");
            storage.queues().put("ready-0", "stays");
            String large = "x".repeat(60_000);
            for (int i = 0; i < 200; i++) {
                QueueMessage sent = storage.queues().put("ready-0", large);
                storage.queues().delete("ready-0", sent.id(), sent.popReceipt());
            }
            assertThat(Files.size(folder.resolve("queues.journal"))).isLessThan(5_000_000);
        }
        try (Storage storage = open()) {
            assertThat(storage.queues().peek("ready-0", 32)).extracting(QueueMessage::text).containsExactly("stays");
        }
    }

    @Test void anInterruptedCallerDoesNotTakeTheJournalAway() throws Exception {
        try (Storage storage = open()) {
            storage.queues().create("ready-0");
            Thread.currentThread().interrupt();
            storage.queues().put("ready-0", "sent by an interrupted thread");
            assertThat(Thread.interrupted()).isTrue();
            storage.queues().put("ready-0", "sent later");
            assertThat(storage.queues().approximateCount("ready-0")).isEqualTo(2);
        }
    }

    @Test void contentWithoutABlobIsDeletedAtTheStart() throws Exception {
        open().close();
        Files.writeString(folder.resolve("blobs").resolve(UUID.randomUUID().toString()), "left behind");
        try (Storage storage = open(); var files = Files.list(storage.blobs().contentFolder())) {
            assertThat(files).isEmpty();
        }
    }

    @Test void blocksWithoutABlockListAreForgottenAfterAWeek() throws Exception {
        String block = Base64.getEncoder().encodeToString(new byte[] {1});
        try (Storage storage = open()) {
            storage.blobs().createContainer("temp-0");
            storage.blobs().stageBlock("temp-0", "a", block, bytes("block"));
        }
        MovableClock later = new MovableClock(Instant.now().plus(Duration.ofDays(8)));
        try (Storage storage = Storage.open(Storage.Options.durable(folder, key).with(later));
                var files = Files.list(storage.blobs().contentFolder())) {
            assertThat(storage.blobs().stagedBlocks("temp-0", "a")).isEmpty();
            assertThat(files).isEmpty();
        }
        try (Storage storage = open()) {
            assertThat(storage.blobs().stagedBlocks("temp-0", "a")).isEmpty();
        }
    }

    @Test void blocksWithoutABlockListAreForgottenWhileTheServerRuns() throws Exception {
        String block = Base64.getEncoder().encodeToString(new byte[] {1});
        MovableClock clock = new MovableClock(Instant.now());
        try (Storage storage = Storage.open(Storage.Options.durable(folder, key).with(clock))) {
            storage.blobs().createContainer("temp-0");
            storage.blobs().stageBlock("temp-0", "a", block, bytes("block"));
            clock.advance(Duration.ofDays(8));
            storage.blobs().stageBlock("temp-0", "b", block, bytes("block"));
            assertThat(storage.blobs().stagedBlocks("temp-0", "a")).isEmpty();
            assertThat(storage.blobs().stagedBlocks("temp-0", "b")).hasSize(1);
        }
    }

    @Test void theKeyStaysTheSameAndIsNotShown() throws Exception {
        Path file = folder.resolve("secrets").resolve("storage.key");
        SigningKey made = SigningKey.loadOrCreate(file);
        assertThat(SigningKey.loadOrCreate(file).base64()).isEqualTo(made.base64());
        assertThat(Files.getPosixFilePermissions(file)).extracting(Enum::name).containsExactlyInAnyOrder("OWNER_READ", "OWNER_WRITE");
        assertThat(made.toString()).doesNotContain(made.base64());
    }
}
