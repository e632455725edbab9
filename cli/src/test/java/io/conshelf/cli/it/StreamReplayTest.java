package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf stream run --replay`: a job over what lies in blobs, to its end.
class StreamReplayTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended run(String inputs, String query, String... options) throws Exception {
        Path job = Files.writeString(folder.resolve("job.json"), """
                {"name": "replay", "properties": {"compatibilityLevel": "1.2", "eventsOutOfOrderPolicy": "Drop", "eventsLateArrivalMaxDelayInSeconds": 5,
                 "inputs": [%s],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "File", "properties": {"path": "%s"}}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "t", "properties": {"streamingUnits": 1, "query": "%s"}}}}
                """.formatted(inputs, folder.resolve("out.json"), query));
        List<String> command = new ArrayList<>(List.of("stream", "run", job.toString(), "--replay", "--json"));
        command.addAll(List.of(options));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        Process process = UpProcess.command(command).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        boolean hasEnded = process.waitFor(5, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(hasEnded).as(() -> "it ends: " + command).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String blobs(UpProcess up, String path) {
        return """
                {"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts":
                  [{"accountName": "%s/labstore", "accountKey": "%s"}], "container": "tests", "pathPattern": "%s"}}, "serialization": {"type": "Json"}}}"""
                .formatted(up.url().replace("localhost", "127.0.0.1"), Azurite.KEY, path);
    }

    @Test
    void blobsAreReadToTheirEndWithEveryWindow() throws Exception {
        try (UpProcess up = UpProcess.start(folder, folder)) {
            BlobContainerClient container = new BlobServiceClientBuilder().endpoint(up.url().replace("localhost", "127.0.0.1") + "/labstore")
                    .credential(new StorageSharedKeyCredential("labstore", Azurite.KEY)).buildClient().createBlobContainerIfNotExists("tests");
            container.getBlobClient("days/1.json").upload(BinaryData.fromString(events(0, 15)));
            container.getBlobClient("days/2.json").upload(BinaryData.fromString(events(15, 25)));
            container.getBlobClient("other.json").upload(BinaryData.fromString(events(0, 59)));
            Ended run = run(blobs(up, "days"), "SELECT System.Timestamp() AS [Time], COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)",
                    "--cluster", up.url());
            assertThat(run.code()).as(run.err()).isZero();
            JsonNode report = JSON.readTree(run.out());
            assertThat(report.path("state").asText()).isEqualTo("Stopped");
            assertThat(report.at("/metrics/Input Events").asInt()).isEqualTo(25);
            assertThat(report.at("/metrics/Late Input Events").asInt()).as("blobs of another year").isZero();
            assertThat(Files.readAllLines(folder.resolve("out.json"))).containsExactly(
                    "{\"Time\":\"2020-01-31T08:00:10.0000000Z\",\"Events\":10}", "{\"Time\":\"2020-01-31T08:00:20.0000000Z\",\"Events\":10}",
                    "{\"Time\":\"2020-01-31T08:00:30.0000000Z\",\"Events\":5}");
        }
    }

    /// One for each second from 08:00:01 on.
    private static String events(int from, int to) {
        StringBuilder lines = new StringBuilder();
        for (int second = from + 1; second <= to; second++) {
            lines.append("{\"at\": \"2020-01-31T08:00:%02dZ\"}\n".formatted(second));
        }
        return lines.toString();
    }

    @Test
    void aFolderThatIsFollowedEndsTooAndWhatHasNoEndIsRefusedByName() throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve("in")).resolve("a.json"), events(0, 3));
        String followed = """
                {"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s", "follow": true}}, "serialization": {"type": "Json"}}}"""
                .formatted(folder.resolve("in"));
        Ended run = run(followed, "SELECT COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readAllLines(folder.resolve("out.json"))).containsExactly("{\"Events\":3}");

        String endless = """
                {"name": "topic", "properties": {"type": "Stream", "datasource": {"type": "Kafka", "properties": {"bootstrapServers": "127.0.0.1:1", "topicName": "t"}},
                 "serialization": {"type": "Json"}}}""";
        Ended refused = run(followed + ", " + endless, "SELECT at INTO out FROM [in] UNION SELECT at FROM topic");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("--replay: input 'topic' (Kafka) has no end");
    }
}
