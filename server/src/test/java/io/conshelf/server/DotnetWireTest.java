package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the C# programs of the article on streaming ingestion send, call by call: the commands that they generate, the direct ingest client with
/// its own upload, the streaming client, and a message of the queued one as the documents post it. Put together from public material; .NET itself
/// does not run here.
class DotnetWireTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static Server server;

    @BeforeAll
    static void start() {
        server = Server.start(ServerConfig.local().withDatabases(List.of("StreamingTestDb")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void theCommandsThatItGenerates() throws Exception {
        command(".create table ['Generated'] (['TimeStamp']:datetime, ['Name']:string, ['Metric']:int, ['Source']:string)");
        command(".alter table ['Generated'] policy streamingingestion '{\"IsEnabled\":true,\"HintAllocatedRate\":null}'");
        assertThat(command(".show table Generated policy streamingingestion").toString()).contains("IsEnabled");
        command(".delete table ['StreamingTestDb'].['Generated'] policy streamingingestion");
        assertThat(command(".show table Generated policy streamingingestion | project Policy").path(0).path(0).asText()).isIn("", "null");
    }

    @Test
    void theDirectClientUploadsAndThenCommandsTheIngestion() throws Exception {
        command(".create table Direct (TimeStamp:datetime, Name:string, Metric:int, Source:string)");
        String root = command(".create tempstorage").path(0).path(0).asText();
        int signature = root.indexOf('?');
        String blob = root.substring(0, signature) + "/3066_Upload_" + UUID.randomUUID().toString().replace("-", "") + ".csv.gz" + root.substring(signature);
        var put = HttpRequest.newBuilder(URI.create(blob)).header("x-ms-blob-type", "BlockBlob").header("x-ms-version", "2022-11-02")
                .PUT(BodyPublishers.ofByteArray(packed("2024-01-02T03:04:05Z,pump,7,lab\n"))).build();
        assertThat(CLIENT.send(put, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
        JsonNode extents = command(".ingest into table ['Direct'] (h@\"" + blob + "\") with (format=\"csv\", ignoreFirstRecord=false, tags=\"[]\")");
        assertThat(extents).hasSize(1);
        assertThat(command("Direct | project Name, Metric", "/v1/rest/query").toString()).isEqualTo("[[\"pump\",7]]");
    }

    @Test
    void theStreamingClientSendsTheFormatAsItsEnumerationHasIt() throws Exception {
        command(".create table Streamed (TimeStamp:datetime, Name:string, Metric:int, Source:string)");
        command(".alter table Streamed policy streamingingestion enable");
        var ingest = HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingest/StreamingTestDb/Streamed?streamFormat=Csv"))
                .header("Content-Encoding", "gzip").header("x-ms-client-version", "Kusto.Dotnet.Client:{13.0.0}")
                .header("x-ms-client-request-id", "KD2RunStreamingIngest;" + UUID.randomUUID())
                .POST(BodyPublishers.ofByteArray(packed("2024-01-02T03:04:05Z,pump,7,lab\n"))).build();
        assertThat(CLIENT.send(ingest, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        assertThat(command("Streamed | project Name", "/v1/rest/query").toString()).isEqualTo("[[\"pump\"]]");
    }

    /// The message is neither encoded nor sent by a library: the documents show it whole.
    @Test
    void aMessageOfTheQueuedClientMayBePlainJson() throws Exception {
        command(".create table Queued (TimeStamp:datetime, Name:string, Metric:int, Source:string)");
        String container = "";
        String queue = "";
        for (JsonNode resource : command(".get ingestion resources")) {
            container = resource.path(0).asText().equals("TempStorage") ? resource.path(1).asText() : container;
            queue = resource.path(0).asText().equals("SecuredReadyForAggregationQueue") ? resource.path(1).asText() : queue;
        }
        String token = command(".get kusto identity token").path(0).path(0).asText();
        String blob = container.replace("?", "/rows.csv?");
        var put = HttpRequest.newBuilder(URI.create(blob)).header("x-ms-blob-type", "BlockBlob")
                .PUT(BodyPublishers.ofString("2024-01-02T03:04:05Z,pump,7,lab\n")).build();
        assertThat(CLIENT.send(put, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
        String message = JSON.writeValueAsString(Map.of(
                "Id", UUID.randomUUID().toString(), "BlobPath", blob, "RawDataSize", 32, "DatabaseName", "StreamingTestDb", "TableName", "Queued",
                "RetainBlobOnSuccess", true, "FlushImmediately", true, "ReportLevel", 2, "ReportMethod", 0,
                "AdditionalProperties", Map.of("authorizationContext", token, "format", "csv")));
        var post = HttpRequest.newBuilder(URI.create(queue.replace("?", "/messages?")))
                .POST(BodyPublishers.ofString("<QueueMessage><MessageText>" + message.replace("&", "&amp;") + "</MessageText></QueueMessage>")).build();
        assertThat(CLIENT.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!command("Queued | project Name", "/v1/rest/query").toString().equals("[[\"pump\"]]")) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static byte[] packed(String text) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static JsonNode command(String text) throws Exception {
        return command(text, "/v1/rest/mgmt");
    }

    /// The rows of the first table.
    private static JsonNode command(String text, String path) throws Exception {
        var request = HttpRequest.newBuilder(server.uri().resolve(path)).header("Content-Type", "application/json; charset=utf-8")
                .header("x-ms-client-request-id", "KD2RunCommand;" + UUID.randomUUID()).header("x-ms-app", "Program")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "StreamingTestDb", "csl", text,
                        "properties", Map.of("Options", Map.of("servertimeout", "00:10:00")))))).build();
        var answer = CLIENT.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("Tables").path(0).path("Rows");
    }
}
