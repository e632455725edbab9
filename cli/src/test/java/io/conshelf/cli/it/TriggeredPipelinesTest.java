package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Triggers as `conshelf up` runs them: over its own storage and its own cluster, and through kills.
class TriggeredPipelinesTest {
    private static final String ACCOUNT = "DefaultEndpointsProtocol=https;AccountName=labstore;AccountKey=bm90IHRoZSByZWFsIG9uZQ==;EndpointSuffix=core.windows.net";
    private static final String CLUSTER = """
            {"properties": {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://samples.westeurope.kusto.windows.net", "database": "Lab"}}}
            """;

    @TempDir
    Path folder;

    @Test
    void aBlobThatArrivesIsCopiedIntoTheTable() throws Exception {
        try (UpProcess up = UpProcess.start(folder, Files.createDirectory(folder.resolve("allowed")))) {
            var factory = new FactoryRest(up.url(), "arrivals");
            factory.put("", "{\"location\": \"local\"}");
            factory.put("/linkedservices/adx", CLUSTER);
            factory.put("/linkedservices/store", "{\"properties\": {\"type\": \"AzureBlobStorage\", \"typeProperties\": {\"connectionString\": \"" + ACCOUNT + "\"}}}");
            factory.put("/datasets/table", """
                    {"properties": {"type": "AzureDataExplorerTable", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                     "typeProperties": {"table": "Sales"}}}
                    """);
            factory.put("/datasets/file", """
                    {"properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "store", "type": "LinkedServiceReference"},
                     "parameters": {"folder": {"type": "String"}, "name": {"type": "String"}},
                     "typeProperties": {"location": {"type": "AzureBlobStorageLocation", "container": "incoming",
                      "folderPath": "@replace(dataset().folder, 'incoming/', '')", "fileName": "@dataset().name"}, "firstRowAsHeader": true, "escapeChar": "\\""}}}
                    """);
            factory.pipeline("load", """
                    {"parameters": {"folder": {"type": "String"}, "name": {"type": "String"}}, "activities": [
                     {"name": "Make", "type": "AzureDataExplorerCommand", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                      "typeProperties": {"command": ".create-merge table Sales (id: long, name: string)"}},
                     {"name": "Copy", "type": "Copy", "dependsOn": [{"activity": "Make", "dependencyConditions": ["Succeeded"]}],
                      "inputs": [{"referenceName": "file", "type": "DatasetReference", "parameters": {"folder": "@pipeline().parameters.folder", "name": "@pipeline().parameters.name"}}],
                      "outputs": [{"referenceName": "table", "type": "DatasetReference"}],
                      "typeProperties": {"source": {"type": "DelimitedTextSource"}, "sink": {"type": "AzureDataExplorerSink", "flushImmediately": true}}}]}
                    """);
            factory.put("/triggers/arrived", """
                    {"properties": {"type": "BlobEventsTrigger", "typeProperties": {"events": ["Microsoft.Storage.BlobCreated"], "scope": "/subscriptions/s",
                     "blobPathBeginsWith": "/incoming/blobs/2024/", "blobPathEndsWith": ".csv", "ignoreEmptyBlobs": true},
                     "pipelines": [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"},
                      "parameters": {"folder": "@triggerBody().folderPath", "name": "@triggerBody().fileName"}}]}}
                    """);
            assertThat(factory.send("POST", "/triggers/arrived/start", "").status()).isEqualTo(200);

            var endpoints = Endpoints.embedded(URI.create(up.url()), List.of());
            FileStore store = BlobAccount.ofConnectionString(ACCOUNT, Optional.empty(), endpoints).container("incoming", BlobWriting.STANDARD);
            put(store, "2024/sales.csv", "id,name\n1,one\n2,two\n");
            put(store, "2024/sales.txt", "not this one");

            List<JsonNode> fired = Eventually.holds(() -> triggerRuns(factory), runs -> !runs.isEmpty());
            assertThat(fired).singleElement().satisfies(run -> assertThat(run.path("status").asText()).isEqualTo("Succeeded"));
            JsonNode ended = factory.awaitEnd(fired.getFirst().path("triggeredPipelines").path("load").asText());
            assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("Succeeded");
            assertThat(ended.path("invokedBy").path("name").asText()).isEqualTo("arrived");
            assertThat(count(up, "Sales")).isEqualTo(2);
        }
    }

    private static void put(FileStore store, String path, String content) throws Exception {
        try (FileStore.PendingFile pending = store.create(path)) {
            pending.stream().write(content.getBytes(StandardCharsets.UTF_8));
            pending.commit();
        }
    }

    @Test
    void aBackfillGoesOnAfterEachKillAndStartsNoWindowTwice() throws Exception {
        String data = folder.resolve("data").toString();
        Path allowed = Files.createDirectory(folder.resolve("allowed"));
        int windows = 24;
        try (UpProcess up = UpProcess.start(folder, allowed, "--data", data)) {
            var factory = new FactoryRest(up.url(), "backfill");
            factory.put("", "{\"location\": \"local\"}");
            factory.put("/linkedservices/adx", CLUSTER);
            factory.pipeline("window", """
                    {"parameters": {"from": {"type": "String"}}, "activities": [
                     {"name": "Take", "type": "AzureDataExplorerCommand", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                      "typeProperties": {"command": ".set-or-append Windows <| print start = '@{pipeline().parameters.from}'"}}]}
                    """);
            factory.put("/triggers/hourly", """
                    {"properties": {"type": "TumblingWindowTrigger", "typeProperties": {"frequency": "Hour", "interval": 1, "startTime": "2024-03-01T00:00:00Z",
                     "endTime": "2024-03-02T00:00:00Z", "maxConcurrency": 2},
                     "pipeline": {"pipelineReference": {"referenceName": "window", "type": "PipelineReference"}, "parameters": {"from": "@trigger().outputs.windowStartTime"}}}}
                    """);
            assertThat(factory.send("POST", "/triggers/hourly/start", "").status()).isEqualTo(200);
            Eventually.holds(() -> ended(factory), ended -> ended >= 3);
            up.kill();
        }
        try (UpProcess up = UpProcess.start(folder, allowed, "--data", data)) {
            var factory = new FactoryRest(up.url(), "backfill");
            Eventually.holds(() -> ended(factory), ended -> ended >= 12);
            up.kill();
        }
        try (UpProcess up = UpProcess.start(folder, allowed, "--data", data)) {
            var factory = new FactoryRest(up.url(), "backfill");
            assertThat(Eventually.holds(() -> ended(factory), ended -> ended >= windows)).isEqualTo(windows);
            List<JsonNode> runs = values(factory.send("POST", "/queryPipelineRuns", FactoryRest.ALL_TIMES).body());
            Map<String, Long> perWindow = runs.stream().collect(Collectors.groupingBy(run -> run.path("parameters").path("from").asText(), Collectors.counting()));
            assertThat(perWindow).hasSize(windows).allSatisfy((window, count) -> assertThat(count).as(window).isEqualTo(1));
            // A window whose run was cut off may have stored its row or not; all others have stored it once.
            long succeeded = runs.stream().filter(run -> run.path("status").asText().equals("Succeeded")).count();
            assertThat(count(up, "Windows")).isBetween(succeeded, (long) windows);
            assertThat(count(up, "Windows | summarize count() by start | where count_ > 1")).isZero();
        }
    }

    private static long ended(FactoryRest factory) {
        return triggerRuns(factory).stream().map(run -> run.path("status").asText()).filter(status -> status.equals("Succeeded") || status.equals("Failed")).count();
    }

    private static List<JsonNode> triggerRuns(FactoryRest factory) {
        return values(factory.send("POST", "/queryTriggerRuns", FactoryRest.ALL_TIMES).body());
    }

    private static List<JsonNode> values(JsonNode answer) {
        return StreamSupport.stream(answer.path("value").spliterator(), false).toList();
    }

    private static long count(UpProcess up, String query) throws Exception {
        var endpoint = Endpoints.replacedBy(URI.create(up.url())).resolve(up.url());
        try (KustoCluster cluster = KustoCluster.connect(endpoint, new KustoCredential.None());
                var rows = cluster.query("Lab", query + " | count", new QueryOptions(Duration.ofMinutes(1), true))) {
            return rows.next().orElseThrow().getFirst().asLong();
        }
    }
}
