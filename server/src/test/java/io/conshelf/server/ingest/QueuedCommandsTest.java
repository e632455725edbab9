package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Queued ingestion by commands, through the front door.
class QueuedCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static Server server;
    private static String container;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        container = run(".show export containers").path(0).path(0).asText();
        upload("logs/2026/03/04/a.csv", "1,x\n2,y\n");
        upload("logs/2026/03/05/b.csv", "3,z\n");
        upload("logs/2026/03/05/b.txt", "no rows\n");
        upload("broken/c.csv", "\"unclosed\n");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void upload(String name, String content) throws Exception {
        var upload = HttpRequest.newBuilder(URI.create(at(name)))
                .header("x-ms-blob-type", "BlockBlob")
                .PUT(BodyPublishers.ofString(content))
                .build();
        assertThat(CLIENT.send(upload, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
    }

    /// A place in the container, with the signature.
    private static String at(String path) {
        return container.replaceFirst("\\?", "/" + path + "?");
    }

    private static JsonNode answer(String text) throws Exception {
        var body = JsonNodeFactory.instance.objectNode().put("db", "Lab").put("csl", text);
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/mgmt"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        return JSON.readTree(CLIENT.send(request, BodyHandlers.ofString()).body());
    }

    /// The rows of a command that succeeds.
    private static JsonNode run(String text) throws Exception {
        var answer = answer(text);
        assertThat(answer.has("error")).as("%s", answer).isFalse();
        return answer.path("Tables").path(0).path("Rows");
    }

    private static String state(String operation) throws Exception {
        return run(".show queued ingestion operations \"" + operation + "\" | project State").path(0).path(0).asText();
    }

    private static void awaitEnd(String operation) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (state(operation).equals("InProgress")) {
            assertThat(System.nanoTime()).as("operation %s ends", operation).isLessThan(deadline);
        }
    }

    @Test
    void blobsAreListedByPlaceAndEnding() throws Exception {
        var rows = run(".list blobs (h@'" + at("logs") + "') Suffix='.csv' PathFormat=(datetime_pattern(\"yyyy/MM/dd\", creationTime) \"/\")");
        assertThat(rows).hasSize(2);

        assertThat(rows.path(0).path(0).asText()).endsWith("logs/2026/03/04/a.csv").doesNotContain("sig=");
        assertThat(rows.path(0).path(1).asLong()).isEqualTo(8);
        assertThat(rows.path(0).path(2).toString()).contains("2026-03-04");
        assertThat(run(".list blobs (h@'" + at("logs") + "') MaxFiles=1")).hasSize(1);
    }

    @Test
    void aNumberOfFilesThatIsNoneIsRefused() throws Exception {
        for (String max : List.of("99999999999999999999", "-1")) {
            var answer = answer(".list blobs (h@'" + at("logs") + "') MaxFiles=" + max);
            assertThat(answer.path("error").path("code").asText()).as("%s", answer).isNotEmpty().doesNotContain("Internal");
        }
    }

    @Test
    void whatIsListedIsIngestedWithItsCreationTime() throws Exception {
        run(".create table Logs (a:long, b:string)");
        var operation = run(".ingest-from-storage-queued into table database('Lab').Logs EnableTracking=true SkipBatching=true"
                + " with (format='csv') <| .list blobs (h@'" + at("logs")
                + "') Suffix='.csv' PathFormat=(datetime_pattern('yyyy/MM/dd', creationTime) '/')").path(0).path(0).asText();
        awaitEnd(operation);
        assertThat(state(operation)).isEqualTo("Completed");
        assertThat(run(".show table Logs details | project TotalRowCount").path(0).path(0).asLong()).isEqualTo(3);
        assertThat(run(".show table Logs extents | where MinCreatedOn < datetime(2026-03-06) | count").path(0).path(0).asLong())
                .isEqualTo(2);
        assertThat(run(".show queued ingestion operations \"" + operation + "\" details | where IngestionStatus == 'Ingested'"))
                .hasSize(2);
    }

    @Test
    void aBlobThatFailsIsTold() throws Exception {
        run(".create table Failing (a:long, b:string)");
        var operation = run(".ingest-from-storage-queued into table Failing EnableTracking=true SkipBatching=true with (format='csv') <|"
                + " '" + at("broken/c.csv") + "'").path(0).path(0).asText();
        awaitEnd(operation);
        assertThat(state(operation)).isEqualTo("Failed");
        assertThat(run(".show queued ingestion operations (\"" + operation + "\") | project SampleFailedReasons").path(0).path(0).asText())
                .isNotEmpty();
    }

    @Test
    void whatIsCanceledIsNotIngested() throws Exception {
        run(".create table Canceled (a:long, b:string)");
        var operation = run(".ingest-from-storage-queued into table Canceled EnableTracking=true with (format='csv') <|"
                + " '" + at("logs/2026/03/04/a.csv") + "'").path(0).path(0).asText();
        assertThat(run(".cancel queued ingestion operation '" + operation + "'").path(0).path(3).asText()).isEqualTo("Canceled");
        // Another one of the same table, which goes at once and takes with it what waits.
        var next = run(".ingest-from-storage-queued into table Canceled EnableTracking=true SkipBatching=true with (format='csv') <|"
                + " '" + at("logs/2026/03/05/b.csv") + "'").path(0).path(0).asText();
        awaitEnd(next);
        assertThat(state(operation)).isEqualTo("Canceled");
        assertThat(run(".show table Canceled details | project TotalRowCount").path(0).path(0).asLong()).isEqualTo(1);
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        assertThat(answer(".ingest-from-storage-queued into table Nothing with (format='csv') <| 'http://127.0.0.1/x'").toString())
                .contains("Nothing");
        run(".create table Present (a:long)");
        assertThat(answer(".ingest-from-storage-queued into table Present <| '" + at("logs/2026/03/05/b.csv") + "'").toString())
                .contains("'format' is missing");
        assertThat(answer(".show queued ingestion operations \"none\"").toString()).contains("no tracked ingestion operation");
    }
}
