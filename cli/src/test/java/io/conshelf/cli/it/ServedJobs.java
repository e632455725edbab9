package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.it.ManagementRest.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A server with a job of Stream Analytics for tests: over the files of a folder, into a file.
abstract class ServedJobs {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final ObjectMapper JSON = new ObjectMapper();
    static final String SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000";
    static final String JOB = SUBSCRIPTION + "/resourceGroups/lab/providers/Microsoft.StreamAnalytics/streamingjobs/readings";

    @TempDir
    Path folder;

    @TempDir
    Path data;

    UpProcess up;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        up = open();
    }

    UpProcess open() {
        return UpProcess.start(folder, folder, "--data", data.toString(), "--database", "Lab");
    }

    @AfterEach
    void stop() {
        up.close();
    }

    Answer send(String method, String path, String body, String... headers) {
        return new ManagementRest(up.url(), "2021-10-01-preview").send(method, path, body, headers);
    }

    /// A job over the files of a folder, into a file.
    void define() {
        Answer made = send("PUT", JOB, """
                {"location": "local", "properties": {"sku": {"name": "Standard"}, "compatibilityLevel": "1.2", "eventsOutOfOrderPolicy": "Adjust",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s", "follow": true}},
                   "serialization": {"type": "Json", "properties": {"encoding": "UTF8"}}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "File", "properties": {"path": "%s"}}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "query", "properties": {"streamingUnits": 1, "query":
                   "SELECT System.Timestamp() AS [Time], COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)"}}}}
                """.formatted(folder.resolve("in"), folder.resolve("out.json")));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
    }

    void events(String file, int from, int to) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int second = from; second < to; second++) {
            lines.append("{\"at\": \"2026-01-31T08:%02d:%02dZ\"}\n".formatted(second / 60, second % 60));
        }
        // A file is read when it is there, so it comes whole.
        Path written = Files.writeString(folder.resolve(file), lines);
        Files.move(written, folder.resolve("in").resolve(file));
    }

    String state() {
        return send("GET", JOB, "").body().at("/properties/jobState").asText();
    }

    Answer await(Answer accepted) {
        assertThat(accepted.status()).as(accepted.body().toString()).isEqualTo(202);
        return Eventually.holds(() -> send("GET", accepted.headers().get("Location"), ""), answer -> answer.status() != 202);
    }

    static String places(int port, String user, String query) {
        return """
                {"properties": {"type": "Reference", "datasource": {"type": "Microsoft.DBForPostgreSQL/servers/databases", "properties": {"server": "127.0.0.1:%d",
                 "database": "postgres", "user": "%s", "password": "job", "refreshType": "RefreshPeriodicallyWithFull", "refreshRate": "00:00:01",
                 "fullSnapshotQuery": "%s"}}}}""".formatted(port, user, query);
    }

    BlobContainerClient container() {
        String endpoint = up.url().replace("localhost", "127.0.0.1") + "/labstore";
        return new BlobServiceClientBuilder().endpoint(endpoint).credential(new StorageSharedKeyCredential("labstore", Azurite.KEY)).buildClient()
                .createBlobContainerIfNotExists("tests");
    }
}
