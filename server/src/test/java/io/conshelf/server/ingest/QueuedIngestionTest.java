package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Folders;
import io.conshelf.engine.Principal;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.ServerLimits;
import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.EdmValue;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.SigningKey;
import io.conshelf.server.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(600)
class QueuedIngestionTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final URI BASE = URI.create("http://127.0.0.1:1");

    @TempDir
    private Path folder;

    @Test
    void aMessageDeliveredTwiceIsIngestedOnce() throws Exception {
        prepare();
        queue(List.of("a,1\n"), "{\"FlushImmediately\":true}");
        Folders.copy(folder.resolve("data/storage"), folder.resolve("saved"));
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
        // As after a crash between the commit and the deletion of the message.
        restoreStorage();
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
    }

    @Test
    void sourcesThatComeAgainInOtherBatchesAreIngestedOnce() throws Exception {
        prepare();
        batches(3);
        queue(List.of("a,1\n", "b,2\n", "c,3\n"), "{}");
        Folders.copy(folder.resolve("data/storage"), folder.resolve("saved"));
        assertThat(rowsOnceSucceeded(3)).isEqualTo(3);
        batches(2);
        // As after a crash between the commit and the deletion of the messages.
        restoreStorage();
        queue(List.of("d,4\n"), "{}");
        assertThat(rowsOnceSucceeded(4)).isEqualTo(4);
    }

    @Test
    void whatPassesIsRepeatedUntilItIsGivenUpAndToldOnce() throws Exception {
        prepare();
        try (Server server = start()) {
            command(server, ".create table Gone (Device:string)");
            command(server, ".create table Derived (Device:string, Value:real)");
            command(server, ".create function Derive() { T | where Device !in (Gone) }");
            var answer = command(server, ".alter table Derived policy update"
                    + " '[{\"IsEnabled\":true,\"Source\":\"T\",\"Query\":\"Derive()\",\"IsTransactional\":true}]'");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            command(server, ".drop table Gone");
        }
        Failure failure = failureOf("a,1\n", "{\"FlushImmediately\":true}");
        assertThat(failure.code()).isEqualTo("General_RetryAttemptsExceeded");
        assertThat(failure.status()).isEqualTo("Exhausted");
        assertThat(failure.details()).contains("after 2 attempts", "UpdatePolicy_UnknownError", "Gone");
        // Nothing half-written, and another try may be made once the table is there again.
        try (Server server = start()) {
            assertThat(count(server)).isZero();
            command(server, ".create table Gone (Device:string)");
        }
        queue(List.of("a,1\n"), "{\"FlushImmediately\":true}");
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
    }

    @Test
    void everyoneIsToldOfAFailureInTheSameCode() throws Exception {
        prepare();
        assertThat(failureOf("a,1\n", "{\"TableName\":\"Absent\"}").code()).isEqualTo("BadRequest_TableNotExist");
        // As the end-to-end tests of Go's client expect it.
        assertThat(failureOf("{}", "{\"TableName\":\"Absent\",\"AdditionalProperties\":{\"format\":\"json\",\"ingestionMappingReference\":\"none\"}}").code())
                .isEqualTo("BadRequest_MappingReferenceWasNotFound");
        assertThat(failureOf("a,1\n", "{\"DatabaseName\":\"Absent\"}").code()).isEqualTo("BadRequest_DatabaseNotExist");
        assertThat(failureOf("", "{}").code()).isEqualTo("BadRequest_EmptyBlob");
        String container;
        try (Storage storage = storage()) {
            container = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), InstantSource.system()).stagingContainer(BASE, Principal.LOCAL_ADMINISTRATOR).toString();
        }
        assertThat(failureOf("a,1\n", "{\"BlobPath\":\"" + container.replace("?", "/nowhere.csv?") + "\"}").code())
                .isEqualTo("Download_SourceNotFound");
        assertThat(failureOf("a,1\n", "{\"BlobPath\":\"" + container.replaceFirst("\\?.*", "/nowhere.csv") + "\"}").code())
                .isEqualTo("Download_Forbidden");
        assertThat(failureOf("a,1\n", "{\"BlobPath\":\"https://elsewhere.blob.core.windows.net/c/b.csv?sig=s\"}").code())
                .isEqualTo("BadRequest_InvalidBlobUri");
    }

    @Test
    void whatIsMalformedInAMessageFailsForGood() throws Exception {
        prepare();
        for (String field : List.of(
                "\"FlushImmediately\":\"maybe\"", "\"RetainBlobOnSuccess\":\"maybe\"", "\"RawDataSize\":\"much\"",
                "\"ReportLevel\":7", "\"AdditionalProperties\":{\"ignoreFirstRecord\":\"maybe\"}",
                "\"AdditionalProperties\":{\"tags\":\"drop-by:x\"}", "\"AdditionalProperties\":{\"creationTime\":\"soon\"}",
                "\"AdditionalProperties\":{\"validationPolicy\":\"strict\"}")) {
            Failure failure = failureOf("a,1\n", "{" + field + "}");
            assertThat(failure.code()).as(field).isEqualTo("BadRequest_MalformedIngestionProperty");
            assertThat(failure.status()).isEqualTo("Permanent");
            assertThat(failure.details()).contains(field.replaceFirst("\"AdditionalProperties\":\\{", "").split("\"")[1]);
        }
        assertThat(failureOf("a,1\n", "{\"AdditionalProperties\":{\"extend_schema\":\"true\"}}").code())
                .isEqualTo("BadRequest_IngestionPropertyNotSupportedInThisContext");
    }

    @Test
    void whatWaitsForItsBatchOutlivesARestart() throws Exception {
        prepare();
        try (Server server = start()) {
            command(server, ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:20:00\",\"MaximumNumberOfItems\":2}'");
        }
        queue(List.of("a,1\n"), "{}");
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_queued_sources") == 1);
            assertThat(count(server)).isZero();
        }
        queue(List.of("b,2\n"), "{}");
        assertThat(rowsOnceSucceeded(2)).isEqualTo(2);
    }

    @Test
    void whatIsQueuedForADatabaseThatIsNotAvailableWaitsForIt() throws Exception {
        prepare();
        queue(List.of("a,1\n"), "{\"FlushImmediately\":true}");
        Path databases = folder.resolve("data/databases");
        Folders.copy(databases, folder.resolve("away"));
        try (Stream<Path> files = Files.list(databases)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_queued_sources") == 1);
            assertThat(metric(server, "conshelf_ingestion_requests_total{outcome=\"failed\",way=\"queued\"}")).isZero();
            assertThat(post(server, "/v1/rest/query", "{\"db\":\"Lab\",\"csl\":\"T | count\"}").statusCode()).isEqualTo(503);
        }
        Folders.copy(folder.resolve("away"), databases);
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
    }

    @Test
    void aDatabaseThatIsNotAvailableHoldsOneBatchInHand() throws Exception {
        prepare();
        String file;
        try (Server server = start()) {
            command(server, ".create database Other");
            post(server, "/v1/rest/mgmt", "{\"db\":\"Other\",\"csl\":\".create table T (Device:string, Value:real)\"}");
            var answer = command(server, ".show databases | where DatabaseName == 'Lab' | project tostring(DatabaseId)");
            file = "d" + JSON.readTree(answer.body()).path("Tables").get(0).path("Rows").get(0).get(0).asText().replace("-", "") + ".duckdb";
        }
        queue(List.of("a,1\n", "b,2\n", "c,3\n", "d,4\n"), "{\"FlushImmediately\":true}");
        queue(List.of("e,5\n"), "{\"FlushImmediately\":true,\"DatabaseName\":\"Other\"}");
        Path databases = folder.resolve("data/databases");
        Folders.copy(databases, folder.resolve("away"));
        Files.delete(databases.resolve(file));
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"succeeded\",way=\"queued\"}") == 1
                    && metric(server, "conshelf_ingestion_queued_sources") == 1);
            assertThat(metric(server, "conshelf_ingestion_requests_total{outcome=\"failed\",way=\"queued\"}")).isZero();
        }
        Files.copy(folder.resolve("away").resolve(file), databases.resolve(file));
        assertThat(rowsOnceSucceeded(4)).isEqualTo(4);
    }

    @Test
    void oneBadSourceDoesNotTakeTheOthersDown() throws Exception {
        prepare();
        try (Server server = start()) {
            command(server, ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:20:00\",\"MaximumNumberOfItems\":2}'");
        }
        queue(List.of("a,1\n", "a,1\nb\n\"open"), "{}");
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"failed\",way=\"queued\"}") == 1);
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"succeeded\",way=\"queued\"}") == 1);
            assertThat(count(server)).isEqualTo(1);
        }
        try (Storage storage = storage()) {
            var report = JSON.readTree(
                    Base64.getDecoder().decode(storage.queues().peek(Resources.FAILED_QUEUE, 1).getFirst().text()));
            assertThat(report.path("FailureStatus").asText()).isEqualTo("Permanent");
            assertThat(report.path("ErrorCode").asText()).startsWith("Stream_");
            assertThat(report.path("IngestionSourcePath").asText()).doesNotContain("sig=");
        }
    }

    @Test
    void whatIsNoMessageGoesToTheFailuresAndHoldsNothingUp() throws Exception {
        prepare();
        try (Storage storage = storage()) {
            storage.queues().create(Resources.READY_QUEUE);
            storage.queues().put(Resources.READY_QUEUE, "nonsense");
        }
        queue(List.of("a,1\n"), "{\"FlushImmediately\":true}");
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
        try (Storage storage = storage()) {
            assertThat(new String(
                            Base64.getDecoder().decode(storage.queues().peek(Resources.FAILED_QUEUE, 1).getFirst().text()),
                            StandardCharsets.UTF_8))
                    .contains("BadRequest_CorruptedMessage");
            assertThat(storage.queues().approximateCount(Resources.READY_QUEUE)).isZero();
        }
    }

    @Test
    void aMessageWithoutATokenIsRefused() throws Exception {
        prepare();
        queue(List.of("a,1\n"), "{\"AdditionalProperties\":{\"format\":\"csv\",\"authorizationContext\":\"forged\"}}");
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"failed\",way=\"queued\"}") == 1);
            assertThat(count(server)).isZero();
        }
        try (Storage storage = storage()) {
            assertThat(new String(
                            Base64.getDecoder().decode(storage.queues().peek(Resources.FAILED_QUEUE, 1).getFirst().text()),
                            StandardCharsets.UTF_8))
                    .contains("BadRequest_InvalidKustoIdentityToken");
        }
    }

    @Test
    void queuesOverRest() throws Exception {
        prepare();
        try (Server server = start()) {
            JsonNode configuration = JSON.readTree(get(server, "/v1/rest/ingestion/configuration").body());
            String container = configuration.path("containerSettings").path("containers").get(0).path("path").asText();
            String blob = container.replace("?", "/rest.csv?");
            var uploaded = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(blob))
                            .header("x-ms-blob-type", "BlockBlob")
                            .PUT(BodyPublishers.ofString("a,1\nb,2\n"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(uploaded.statusCode()).isEqualTo(201);
            String body = JSON.writeValueAsString(Map.of(
                    "blobs", List.of(Map.of("url", blob, "sourceId", "0b7f6a3e-0000-4000-8000-000000000000", "rawSize", 8)),
                    "properties", Map.of("format", "csv", "enableTracking", true, "skipBatching", true)));
            var answer = post(server, "/v1/rest/ingestion/queued/Lab/T", body);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            String operation = JSON.readTree(answer.body()).path("ingestionOperationId").asText();
            String status = "/v1/rest/ingestion/queued/Lab/T/" + operation + "?details=true";
            until(() -> JSON.readTree(get(server, status).body()).path("status").path("succeeded").asInt() == 1);
            assertThat(JSON.readTree(get(server, status).body()).path("details").get(0).path("status").asText())
                    .isEqualTo("Succeeded");
            assertThat(count(server)).isEqualTo(2);
            assertThat(get(server, "/v1/rest/ingestion/queued/Lab/T/nowhere?details=true").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aBlobThatIsInTheBatchAlreadyIsReportedOnceAndIngestedOnce() throws Exception {
        prepare();
        try (Server server = start()) {
            command(server, ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:20:00\",\"MaximumNumberOfItems\":2}'");
        }
        queue(List.of("a,1\n"), "{}");
        try (Storage storage = storage()) {
            String first = storage.queues().peek(Resources.READY_QUEUE, 1).getFirst().text();
            storage.queues().put(Resources.READY_QUEUE, first);
        }
        queue(List.of("b,2\n"), "{}");
        assertThat(rowsOnceSucceeded(2)).isEqualTo(2);
        assertThat(failures()).singleElement().satisfies(failure -> assertThat(failure.path("ErrorCode").asText())
                .isEqualTo("BlobAlreadyReceived_BlobAlreadyFoundInBatch"));
    }

    @Test
    void aBlobGoesAfterSuccessUnlessItIsToStay() throws Exception {
        prepare();
        queue(List.of("a,1\n"), "{\"FlushImmediately\":true}");
        String gone = blobs().getFirst();
        assertThat(rowsOnceSucceeded(1)).isEqualTo(1);
        queue(List.of("b,2\n"), "{\"FlushImmediately\":true,\"RetainBlobOnSuccess\":true}");
        assertThat(rowsOnceSucceeded(1)).isEqualTo(2);
        assertThat(blobs()).hasSize(1).doesNotContain(gone);
    }

    @Test
    void aPatternChoosesFilesOfAQueuedArchive() throws Exception {
        prepare();
        var archive = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(archive)) {
            for (String name : List.of("yes.csv", "no.csv")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write((name + ",1\n").getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        try (Server server = start()) {
            String blob = upload(server, "files.zip", archive.toByteArray());
            var answer = post(server, "/v1/rest/ingestion/queued/Lab/T", JSON.writeValueAsString(Map.of(
                    "blobs", List.of(Map.of("url", blob)),
                    "properties", Map.of("format", "csv", "skipBatching", true, "zipPattern", "yes.*"))));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            until(() -> count(server) == 1);
        }
    }

    @Test
    void whatATagSaysIsThereAlreadyIsSkipped() throws Exception {
        prepare();
        try (Server server = start()) {
            String properties = "{\"format\":\"csv\",\"enableTracking\":true,\"tags\":[\"ingest-by:x\"],\"ingestIfNotExists\":[\"x\"]}";
            for (int i = 0; i < 2; i++) {
                String blob = upload(server, "once-" + i + ".csv", "a,1\n".getBytes(StandardCharsets.UTF_8));
                var answer = post(server, "/v1/rest/ingestion/queued/Lab/T",
                        "{\"blobs\":[{\"url\":\"" + blob + "\"}],\"properties\":" + properties + "}");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                String status = "/v1/rest/ingestion/queued/Lab/T/"
                        + JSON.readTree(answer.body()).path("ingestionOperationId").asText();
                until(() -> JSON.readTree(get(server, status).body()).path("status").path("succeeded").asInt() == 1);
            }
            assertThat(count(server)).isEqualTo(1);
            assertThat(metric(server, "conshelf_ingestion_requests_total{outcome=\"skipped\",way=\"queued\"}")).isEqualTo(1);
        }
    }

    private static String upload(Server server, String name, byte[] content) throws Exception {
        JsonNode configuration = JSON.readTree(get(server, "/v1/rest/ingestion/configuration").body());
        String container = configuration.path("containerSettings").path("containers").get(0).path("path").asText();
        String blob = container.replace("?", "/" + name + "?");
        var uploaded = CLIENT.send(
                HttpRequest.newBuilder(URI.create(blob))
                        .header("x-ms-blob-type", "BlockBlob")
                        .PUT(BodyPublishers.ofByteArray(content))
                        .build(),
                BodyHandlers.ofString());
        assertThat(uploaded.statusCode()).isEqualTo(201);
        return blob;
    }

    private List<JsonNode> failures() throws Exception {
        List<JsonNode> failures = new ArrayList<>();
        try (Storage storage = storage()) {
            for (var message : storage.queues().peek(Resources.FAILED_QUEUE, 32)) {
                failures.add(JSON.readTree(Base64.getDecoder().decode(message.text())));
            }
        }
        return failures;
    }

    private List<String> blobs() throws IOException {
        try (Storage storage = storage()) {
            return storage.blobs().list(Resources.STAGING_CONTAINER, "", "", "", 100).blobs().stream()
                    .map(blob -> blob.name())
                    .toList();
        }
    }

    /// Two attempts are enough to see that there is more than one.
    private Server start() {
        return Server.start(ServerConfig.local()
                .withData(folder.resolve("data"))
                .withDatabases(List.of("Lab"))
                .withLimits(ServerLimits.DEFAULT.withAttemptsMax(2)));
    }

    private void batches(int items) throws Exception {
        try (Server server = start()) {
            command(server, ".alter table T policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:20:00\",\"MaximumNumberOfItems\":"
                    + items + "}'");
        }
    }

    private record Failure(String code, String status, String details) {}

    /// What becomes of a source that fails, which the queue of failures, the status table and the cluster's failures tell alike,
    /// each once.
    private Failure failureOf(String text, String overrides) throws Exception {
        var message = (ObjectNode) JSON.readTree(overrides);
        String id = UUID.randomUUID().toString();
        message.put("Id", id);
        if (!message.has("FlushImmediately")) {
            message.put("FlushImmediately", true);
        }
        message.put("ReportMethod", 2);
        try (Storage storage = storage()) {
            storage.queues().create(Resources.FAILED_QUEUE);
            storage.queues().clear(Resources.FAILED_QUEUE);
            message.putObject("IngestionStatusInTable")
                    .put("TableConnectionString", new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), InstantSource.system())
                            .statusTable(BASE, Principal.LOCAL_ADMINISTRATOR).toString())
                    .put("PartitionKey", id)
                    .put("RowKey", id);
        }
        queue(List.of(text), message.toString());
        JsonNode remembered;
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"failed\",way=\"queued\"}") == 1);
            remembered = JSON.readTree(command(server, ".show ingestion failures | top 2 by FailedOn desc"
                            + " | project tostring(OperationId), ErrorCode, FailureKind, Details, IngestionSourcePath").body())
                    .path("Tables").path(0).path("Rows");
        }
        var told = failures();
        assertThat(told).as("reports of failures").hasSize(1);
        var report = told.getFirst();
        Map<String, EdmValue> row;
        try (Storage storage = storage()) {
            row = storage.tables().find(Resources.STATUS_TABLE, new EntityKey(id, id)).orElseThrow().properties();
        }
        String code = report.path("ErrorCode").asText();
        String operation = report.path("OperationId").asText();
        assertThat(row).containsEntry("ErrorCode", EdmValue.of(code)).containsEntry("Status", EdmValue.of("Failed"))
                .containsEntry("OperationId", EdmValue.of(UUID.fromString(operation)))
                .containsEntry("FailureStatus", EdmValue.of(report.path("FailureStatus").asText()));
        var last = remembered.path(0);
        assertThat(last.path(0).asText()).as("the latest failure in %s", remembered).isEqualTo(operation);
        assertThat(last.path(1).asText()).isEqualTo(code);
        assertThat(last.path(2).asText()).isEqualTo("Permanent");
        assertThat(last.path(4).asText()).isEqualTo(report.path("IngestionSourcePath").asText()).doesNotContain("sig=");
        assertThat(remembered.path(1).path(0).asText()).as("told once").isNotEqualTo(operation);
        return new Failure(code, report.path("FailureStatus").asText(), report.path("Details").asText());
    }

    private void prepare() throws Exception {
        try (Server server = start()) {
            assertThat(command(server, ".create table T (Device:string, Value:real)").statusCode()).isEqualTo(200);
        }
    }

    /// Starts the server and stops it again when so many sources have succeeded.
    ///
    /// @return the rows that the table has then
    private long rowsOnceSucceeded(int sources) throws Exception {
        try (Server server = start()) {
            until(() -> metric(server, "conshelf_ingestion_requests_total{outcome=\"succeeded\",way=\"queued\"}")
                            + metric(server, "conshelf_ingestion_requests_total{outcome=\"skipped\",way=\"queued\"}")
                    >= sources);
            return count(server);
        }
    }

    /// Puts a blob and a message for each text, while no server runs.
    ///
    /// @return the ids of the messages
    private List<String> queue(List<String> texts, String overrides) throws Exception {
        var tokens = new IdentityTokens(key(), Duration.ofHours(1), Membership.EVERYBODY, InstantSource.system());
        List<String> ids = new ArrayList<>();
        try (Storage storage = storage()) {
            var resources = new Resources(storage, LentStorage.own(storage), Duration.ofHours(1), InstantSource.system());
            for (String text : texts) {
                String name = "blob-" + UUID.randomUUID() + ".csv";
                storage.blobs()
                        .put(
                                Resources.STAGING_CONTAINER, name,
                                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), new BlobProperties(Map.of(), Map.of()));
                var message = JSON.createObjectNode();
                message.put("Id", UUID.randomUUID().toString());
                message.put("BlobPath", resources.stagingContainer(BASE, Principal.LOCAL_ADMINISTRATOR).toString().replace("?", "/" + name + "?"));
                message.put("DatabaseName", "Lab");
                message.put("TableName", "T");
                message.put("ReportLevel", 2);
                message.putObject("AdditionalProperties")
                        .put("format", "csv")
                        .put("authorizationContext", tokens.issue(Principal.LOCAL_ADMINISTRATOR));
                var changed = (ObjectNode) JSON.readTree(overrides);
                var additional = changed.remove("AdditionalProperties");
                message.setAll(changed);
                if (additional != null) {
                    ((ObjectNode) message.get("AdditionalProperties")).setAll((ObjectNode) additional);
                }
                ids.add(storage.queues().put(Resources.READY_QUEUE, message.toString()).id());
            }
        }
        return ids;
    }

    private Storage storage() throws IOException {
        return Storage.open(Storage.Options.durable(
                folder.resolve("data/storage"), SigningKey.loadOrCreate(folder.resolve("data/storage.key"))));
    }

    private byte[] key() throws IOException {
        return Base64.getDecoder().decode(SigningKey.loadOrCreate(folder.resolve("data/storage.key")).base64());
    }

    private void restoreStorage() throws IOException {
        Path storage = folder.resolve("data/storage");
        Folders.delete(storage);
        Folders.copy(folder.resolve("saved"), storage);
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
        }
    }

    private static double metric(Server server, String name) throws Exception {
        return get(server, "/metrics").body().lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    private static long count(Server server) throws Exception {
        var frames = JSON.readTree(post(server, "/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"T | count\"}").body());
        return frames.get(2).path("Rows").get(0).get(0).asLong();
    }

    private static HttpResponse<String> command(Server server, String text) throws Exception {
        return post(server, "/v1/rest/mgmt", JSON.writeValueAsString(Map.of("db", "Lab", "csl", text)));
    }

    private static HttpResponse<String> get(Server server, String path) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(server.uri().resolve(path)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(Server server, String path, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve(path)).POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }
}
