package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileRequestTest {
    @TempDir Path folder;

    private StorageServer server;
    private String sas;

    @BeforeEach void start() throws Exception {
        server = StorageServer.inMemory(folder);
        server.storage.blobs().createContainer("temp-0");
        server.storage.queues().create("ready-0");
        sas = query(new StorageResource.Container("temp-0"));
    }

    @AfterEach void stop() {
        server.close();
    }

    private static StorageLimits small(int uncommittedBlocks, int blobs) {
        StorageLimits standard = StorageLimits.standard();
        return new StorageLimits(1000, 1000, standard.blocksMax(), uncommittedBlocks, blobs, standard.containersMax(),
                standard.blobNameLengthMax(), standard.metadataBytesMax(), standard.messageBytesMax(), standard.messagesPerReceiveMax(), 16_000,
                standard.entityBytesMax(), standard.entityPropertiesMax(), standard.entitiesPerPageMax(), standard.pageBytesMax(), 5000, standard.documentBytesMax(), 0);
    }

    private Storage storage(StorageLimits limits) throws Exception {
        return Storage.open(Storage.Options.inMemory(folder.resolve("small"), SigningKey.random()).with(limits));
    }

    private static ByteArrayInputStream bytes(int count) {
        return new ByteArrayInputStream(new byte[count]);
    }

    private static String id(int number) {
        return Base64.getEncoder().encodeToString(new byte[] {(byte) number});
    }

    @Test void blocksWithoutABlobTakePlacesOfBlobs() throws Exception {
        try (Storage storage = storage(small(10, 3))) {
            storage.blobs().createContainer("con-0");
            for (String name : List.of("a", "b", "c")) {
                storage.blobs().stageBlock("con-0", name, id(1), bytes(1));
            }
            assertThatThrownBy(() -> storage.blobs().stageBlock("con-0", "d", id(1), bytes(1))).hasMessageContaining("3 blobs");
            assertThatThrownBy(() -> storage.blobs().put("con-0", "d", bytes(1), BlobProperties.NONE)).hasMessageContaining("3 blobs");
            storage.blobs().put("con-0", "a", bytes(1), BlobProperties.NONE);
            storage.blobs().stageBlock("con-0", "a", id(1), bytes(1));
            storage.blobs().delete("con-0", "a");
            assertThatThrownBy(() -> storage.blobs().stageBlock("con-0", "d", id(1), bytes(1))).as("its block is still there").hasMessageContaining("3 blobs");
            storage.blobs().dropContainer("con-0");
            storage.blobs().createContainer("con-0");
            storage.blobs().put("con-0", "d", bytes(1), BlobProperties.NONE);
        }
    }

    @Test void blocksThatWaitInOneContainerLeavePlacesToOthers() throws Exception {
        try (Storage storage = storage(small(10, 100))) {
            storage.blobs().createContainer("con-0");
            storage.blobs().createContainer("con-1");
            for (int blob = 0; blob < 10; blob++) {
                storage.blobs().stageBlock("con-0", "blob" + blob, id(1), bytes(1));
            }
            assertThatThrownBy(() -> storage.blobs().stageBlock("con-0", "blob10", id(1), bytes(1)))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.SERVER_BUSY));
            storage.blobs().stageBlock("con-0", "blob9", id(1), bytes(2));
            storage.blobs().stageBlock("con-1", "blob", id(1), bytes(1));
        }
    }

    @Test void aBlockThatIsNamedAgainAndAgainMakesNoLargerBlob() throws Exception {
        try (Storage storage = storage(small(10, 10))) {
            storage.blobs().createContainer("con-0");
            storage.blobs().stageBlock("con-0", "a", id(1), bytes(500));
            var block = new BlobStore.BlockReference(BlobStore.BlockReference.Source.LATEST, id(1));
            assertThat(storage.blobs().commitBlocks("con-0", "a", List.of(block, block), BlobProperties.NONE, BlobCondition.ALWAYS).sizeBytes()).isEqualTo(1000);
            assertThatThrownBy(() -> storage.blobs().commitBlocks("con-0", "a", List.of(block, block, block), BlobProperties.NONE, BlobCondition.ALWAYS))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.REQUEST_BODY_TOO_LARGE));
        }
    }

    @Test void whatSeveralWriteAtOnceIsNotCountedOnTwice() throws Exception {
        var room = new DiskRoom(() -> 1000);
        try (DiskRoom.Promised first = room.promised(); DiskRoom.Promised second = room.promised()) {
            first.more(600, 100);
            assertThatThrownBy(() -> second.more(400, 100)).isInstanceOf(StorageException.class);
            first.written(300);
            second.more(400, 100);
            assertThatThrownBy(() -> second.more(300, 100)).hasMessageContaining("300 bytes left");
        }
        try (DiskRoom.Promised again = room.promised()) {
            again.more(900, 100);
        }
    }

    @Test void oneAddressLeavesHalfOfThePlacesToOthers() {
        var places = new Places(4);
        assertThat(places.enter("192.0.2.1")).isTrue();
        assertThat(places.enter("192.0.2.1")).isTrue();
        assertThat(places.enter("192.0.2.1")).isFalse();
        assertThat(places.enter("192.0.2.2")).isTrue();
        assertThat(places.enter("192.0.2.3")).isTrue();
        assertThat(places.enter("192.0.2.4")).as("all are taken").isFalse();
        places.leave("192.0.2.1");
        assertThat(places.enter("192.0.2.1")).isTrue();
        assertThat(new Places(1).enter("192.0.2.1")).isTrue();
    }

    @Test void aBorrowerOfAQueueLeavesRoomToOthersAndToTheServer() throws Exception {
        try (Storage storage = storage(small(10, 10))) {
            var queues = storage.queues();
            queues.create("ready-0");
            String text = "x".repeat(1600);
            List<QueueMessage> put = new ArrayList<>();
            for (int message = 0; message < 4; message++) {
                put.add(queues.putFor("anna", "ready-0", text, Duration.ofDays(6), QueueStore.DEFAULT_TTL));
            }
            assertThatThrownBy(() -> queues.putFor("anna", "ready-0", text, Duration.ZERO, QueueStore.DEFAULT_TTL))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.SERVER_BUSY));
            queues.putFor("bert", "ready-0", text, Duration.ZERO, QueueStore.DEFAULT_TTL);
            for (int message = 0; message < 2; message++) {
                queues.putFor("", "ready-0", text, Duration.ZERO, QueueStore.DEFAULT_TTL);
            }
            assertThatThrownBy(() -> queues.putFor("", "ready-0", text, Duration.ZERO, QueueStore.DEFAULT_TTL)).isInstanceOf(StorageException.class);
            queues.put("ready-0", text.substring(600));
            queues.delete("ready-0", put.getFirst().id(), put.getFirst().popReceipt());
        }
    }

    @Test void whatIsOnlyToldIsForgottenForWhatIsNewer() throws Exception {
        try (Storage storage = storage(small(10, 10))) {
            storage.queues().create("failed");
            for (int report = 0; report < 100; report++) {
                storage.queues().tell("failed", "report " + report);
            }
            assertThat(storage.queues().approximateCount("failed")).isEqualTo(2);
            assertThat(storage.queues().peek("failed", 1).getFirst().text()).isEqualTo("report 98");
        }
    }

    @Test void whatIsPutIntoALentQueueDoesNotHide() throws Exception {
        String body = "<QueueMessage><MessageText>bQ==</MessageText></QueueMessage>";
        String lent = server.storage.sas().uri(server.base(), new StorageResource.Queue("ready-0"), EnumSet.of(SasPermission.ADD), Instant.now().plus(Duration.ofHours(1)), "0a1b")
                .getRawQuery();
        assertThat(lent).contains("si=lent-0a1b");
        for (String delayed : List.of("0 201", "300 201", "301 400", "604799 400")) {
            String[] parts = delayed.split(" ");
            Raw.Answer answer = Raw.send(server, "POST /conshelfqueue/ready-0/messages?visibilitytimeout=" + parts[0] + "&" + lent + " HTTP/1.1",
                    "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(answer.status()).as(delayed + answer.body()).isEqualTo(Integer.parseInt(parts[1]));
        }
        Raw.Answer other = Raw.send(server, "POST /conshelfqueue/ready-0/messages?" + lent.replace("0a1b", "0a1c") + " HTTP/1.1", "Content-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(other.status()).as("somebody else's name").isEqualTo(403);
    }

    @Test void aFilterOfManyTermsIsAnsweredAndOneOfTooManyRefused() {
        var entity = new Entity(new EntityKey("p", "r"), Instant.EPOCH, Map.of("a", EdmValue.of("x")));
        assertThat(ODataFilter.parse("a eq 'y' or ".repeat(900) + "a eq 'x'").test(entity)).isTrue();
        assertThat(ODataFilter.parse("a eq 'x' and ".repeat(900) + "a eq 'y'").test(entity)).isFalse();
        assertThatThrownBy(() -> ODataFilter.parse("a eq 1 or ".repeat(6_000) + "a eq 1").test(entity)).isInstanceOf(StorageException.class);
    }

    private String query(StorageResource resource) {
        URI uri = server.storage.sas().uri(server.base(), resource, EnumSet.allOf(SasPermission.class), Instant.now().plus(Duration.ofHours(1)));
        return uri.getRawQuery();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "/conshelfblob/temp-0/../../../etc/passwd",
        "/conshelfblob/temp-0/%2e%2e/%2e%2e/etc/passwd",
        "/conshelfblob/temp-0/..%2f..%2fetc%2fpasswd",
        "/conshelfblob/temp-0/a/../../b",
        "/conshelfblob/temp-0//etc/passwd",
        "/conshelfblob/temp-0/%2Fetc%2Fpasswd",
        "/conshelfblob/temp-0/a%00b",
        "/conshelfblob/temp-0/a%0Ab",
        "/conshelfblob/temp-0/a%5Cb",
        "/conshelfblob/temp-0/%ff%fe",
        "/conshelfblob/temp-0/%zz",
        "/conshelfblob/../conshelfblob/temp-0/x/../../..",
    })
    void aPathThatClimbsOrCantBeReadIsRefused(String path) throws Exception {
        Raw.Answer answer = Raw.send(server, "PUT " + path + "?" + sas + " HTTP/1.1", "x-ms-blob-type: BlockBlob\r\nContent-Length: 1\r\n\r\nx");
        assertThat(answer.status()).isBetween(400, 404);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    /// A name of somebody else that leads here, as a page gives itself to be of one origin with this server.
    @Test void underANameThatIsNotOursNothingIsAnswered() throws Exception {
        for (String account : List.of("conshelfblob/temp-0/a", "conshelfqueue/ready-0/messages", "conshelftable/t()")) {
            for (String method : List.of("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD")) {
                for (String host : List.of("attacker.example", "attacker.example:80", "localhost.attacker.example", "127.0.0.1.nip.io", "", "a b")) {
                    try (Raw raw = new Raw(server)) {
                        raw.write(method + " /" + account + "?" + sas + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 0\r\n\r\n");
                        Raw.Answer answer = raw.answer();
                        assertThat(answer.status()).as(method + " " + account + " at " + host).isIn(400, 404);
                        assertThat(answer.head()).doesNotContain("x-ms-error-code", "Conshelf-Storage");
                    }
                }
            }
        }
    }

    @Test void overLongNamesAreRefused() {
        BlobContainerClient container = server.blobs().getBlobContainerClient("temp-0");
        assertThatThrownBy(() -> container.getBlobClient("n".repeat(1025)).upload(BinaryData.fromString("x"))).hasMessageContaining("InvalidResourceName");
        container.getBlobClient("n".repeat(1024)).upload(BinaryData.fromString("x"));
        assertThatThrownBy(() -> server.storage.blobs().createContainer("../x")).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> server.storage.queues().create("a".repeat(64))).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> server.storage.tables().createTable("a-b")).isInstanceOf(StorageException.class);
    }

    @Test void oddButAllowedNamesAreKept() {
        BlobContainerClient container = server.blobs().getBlobContainerClient("temp-0");
        for (String name : List.of("a b", "a+b", "a%b", "a;b=c", "ü/é", "x?y#z", "🐟.csv", "con", "a:b", "…")) {
            container.getBlobClient(name).upload(BinaryData.fromString(name), true);
            assertThat(container.getBlobClient(name).downloadContent().toString()).isEqualTo(name);
        }
        assertThat(container.listBlobs()).hasSize(10);
    }

    @Test void theSlashBehindTheAccountMayBeEncoded() throws Exception {
        String queueSas = query(new StorageResource.Queue("ready-0"));
        String body = "<QueueMessage><MessageText>bQ==</MessageText></QueueMessage>";
        for (String path : List.of("/conshelfqueue%2Fready-0/messages", "/conshelfqueue%2fready-0%2fmessages", "/conshelfqueue/ready-0/messages")) {
            Raw.Answer answer = Raw.send(server, "POST " + path + "?" + queueSas + " HTTP/1.1",
                    "Content-Type: application/xml\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(answer.status()).as(path).isEqualTo(201);
        }
        assertThat(server.storage.queues().approximateCount("ready-0")).isEqualTo(3);
    }

    @Test void otherPathsAreNotOurs() throws Exception {
        assertThat(Raw.send(server, "GET /conshelfblobs/temp-0 HTTP/1.1", "").status()).isEqualTo(404);
        assertThat(Raw.send(server, "GET /v1/rest/mgmt HTTP/1.1", "").head()).doesNotContainIgnoringCase("x-ms-request-id");
    }

    @Test void aChunkedBodyIsTaken() throws Exception {
        Raw.Answer answer = Raw.send(server, "PUT /conshelfblob/temp-0/chunked?" + sas + " HTTP/1.1",
                "x-ms-blob-type: BlockBlob\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(new String(server.storage.blobs().read("temp-0", "chunked").readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("hello world");
    }

    @Test void expectContinueIsAnsweredOnlyWhenTheBodyIsWanted() throws Exception {
        String headers = "Host: 127.0.0.1\r\nx-ms-blob-type: BlockBlob\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
        try (Raw raw = new Raw(server)) {
            raw.write("PUT /conshelfblob/temp-0/expected?" + sas + " HTTP/1.1\r\n" + headers);
            assertThat(raw.answer().status()).isEqualTo(100);
            raw.write("hello");
            assertThat(raw.answer().status()).isEqualTo(201);
        }
        try (Raw raw = new Raw(server)) {
            raw.write("PUT /conshelfblob/temp-0/expected HTTP/1.1\r\n" + headers);
            assertThat(raw.answer().status()).isEqualTo(403);
        }
    }

    @Test void aBodyCutShortLeavesNoBlob() throws Exception {
        try (Raw raw = new Raw(server)) {
            raw.write("PUT /conshelfblob/temp-0/short?" + sas
                    + " HTTP/1.1\r\nHost: 127.0.0.1\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 100\r\n\r\nhello");
            raw.endWriting();
            assertThat(raw.answer().status()).isEqualTo(400);
        }
        assertThat(server.storage.blobs().find("temp-0", "short")).isEmpty();
        try (var files = Files.list(server.storage.blobs().contentFolder())) {
            assertThat(files).isEmpty();
        }
    }

    @Test void documentTypesAndBrokenXmlAreRefused() throws Exception {
        String queueSas = query(new StorageResource.Queue("ready-0"));
        for (String body : List.of(
                "<!DOCTYPE q [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><QueueMessage><MessageText>&e;</MessageText></QueueMessage>",
                "<QueueMessage><MessageText>", "<Other/>", "{\"a\":1}")) {
            Raw.Answer answer = Raw.send(server, "POST /conshelfqueue/ready-0/messages?" + queueSas + " HTTP/1.1",
                    "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.body()).contains("InvalidXmlDocument").doesNotContain("root:");
        }
    }

    @Test void aBlobBeyondTheLimitIsRefusedAndLeavesNothing() throws Exception {
        try (Storage storage = storage(small(100, 2))) {
            storage.blobs().createContainer("con-0");
            assertThatThrownBy(() -> storage.blobs().put("con-0", "a", new ByteArrayInputStream(new byte[1001]), BlobProperties.NONE))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.REQUEST_BODY_TOO_LARGE));
            try (var files = Files.list(storage.blobs().contentFolder())) {
                assertThat(files).isEmpty();
            }
            storage.blobs().put("con-0", "a", new ByteArrayInputStream(new byte[1000]), BlobProperties.NONE);
            storage.blobs().put("con-0", "b", new ByteArrayInputStream(new byte[1000]), BlobProperties.NONE);
            assertThatThrownBy(() -> storage.blobs().put("con-0", "c", new ByteArrayInputStream(new byte[1]), BlobProperties.NONE))
                    .hasMessageContaining("2 blobs");

            storage.queues().create("ready-0");
            storage.queues().put("ready-0", "x".repeat(15_000));
            assertThatThrownBy(() -> storage.queues().put("ready-0", "x".repeat(4000)))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.SERVER_BUSY));

            storage.tables().createTable("status");
            storage.tables().insert("status", new EntityKey("p", "1"), Map.of("A", EdmValue.of("x".repeat(2000))));
            assertThatThrownBy(() -> storage.tables().insert("status", new EntityKey("p", "2"), Map.of("A", EdmValue.of("x".repeat(2000)))))
                    .isInstanceOfSatisfying(StorageException.class, e -> assertThat(e.code()).isEqualTo(StorageCode.SERVER_BUSY));
        }
    }

    @Test void headersForWhatIsNotOfferedAreRefusedByName() throws Exception {
        for (String header : BlobRequests.REFUSED_HEADERS.keySet()) {
            Raw.Answer answer = Raw.send(server, "PUT /conshelfblob/temp-0/a?" + sas + " HTTP/1.1",
                    "x-ms-blob-type: BlockBlob\r\n" + header + ": x\r\nContent-Length: 1\r\n\r\nx");
            assertThat(answer.status()).as(header).isBetween(400, 412);
            assertThat(answer.body()).contains(header);
        }
        assertThat(server.storage.blobs().find("temp-0", "a")).isEmpty();
    }
}
