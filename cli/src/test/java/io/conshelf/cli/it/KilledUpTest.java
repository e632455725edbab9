package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf up --data` with a pipeline at work, killed: started again it goes on, and every message is in its table once.
class KilledUpTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KILLS = 3;
    private static final int PORTION = 1_500;
    private static final String INSTANCE = "/subscriptions/s/resourceGroups/edge/providers/Microsoft.IoTOperationsDataProcessor/instances/plant";
    private static final String ENVELOPE = "\"location\": \"westus3\", \"extendedLocation\": {\"name\": \"plant\", \"type\": \"CustomLocation\"}";

    @TempDir
    Path folder;

    @Test
    void aPipelineGoesOnAfterItsServerWasKilled() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.startDurable(folder); HttpClient client = HttpClient.newHttpClient();
                MqttSender machines = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machines")) {
            UpProcess up = open();
            try {
                command(up, ".create table Numbers (n:long, sum:long)");
                command(up, ".alter table Numbers policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```");
                put(client, up, INSTANCE, "{" + ENVELOPE + "}");
                put(client, up, INSTANCE + "/pipelines/numbers", pipeline(mosquitto.port()));
                awaitRunning(client, up);
                int sent = 0;
                for (int round = 0; round <= KILLS; round++) {
                    int from = sent;
                    machines.send(IntStream.range(from, from + PORTION).mapToObj(n -> MqttMessage.of("plant/" + n % 7,
                            ("{\"n\": " + n + "}").getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE)).toList());
                    sent += PORTION;
                    if (round < KILLS) {
                        up.kill();
                        up = open();
                    }
                }
                UpProcess last = up;
                int all = sent;
                assertThat(Eventually.holds(() -> rows(last, "Numbers | count"), rows -> rows.equals(List.of("[" + all + "]")))).containsExactly("[" + all + "]");
                assertThat(rows(last, "Numbers | summarize times = count() by n | where times != 1 | take 5")).isEmpty();
                assertThat(rows(last, "Numbers | summarize count(), min(n), max(n)")).containsExactly("[" + all + ",0," + (all - 1) + "]");
            } finally {
                up.close();
            }
        }
    }

    private UpProcess open() {
        return UpProcess.start(folder, folder.resolve("allowed"), "--database", "plant", "--data", folder.resolve("data").toString());
    }

    private static String pipeline(int port) {
        return """
                {%s, "properties": {"enabled": true,
                  "input": {"displayName": "MQ", "type": "input/mqtt@v1", "broker": "mqtt://127.0.0.1:%d", "topics": ["plant/#"], "qos": 1, "cleanSession": false,
                    "authentication": {"type": "none"}, "format": {"type": "json"}, "partitionCount": 2, "partitionStrategy": {"type": "key", "expression": ".topic"},
                    "next": ["double"]},
                  "stages": {
                    "double": {"displayName": "double", "type": "processor/transform@v1", "expression": ".payload.sum = .payload.n * 2", "next": ["output"]},
                    "output": {"displayName": "ADX", "type": "output/dataexplorer@v1", "clusterUrl": "https://samples.westeurope.kusto.windows.net",
                      "database": "plant", "table": "Numbers", "columns": [{"name": "n"}, {"name": "sum"}], "batch": {"time": "1s", "path": ".payload"},
                      "authentication": {"type": "managedIdentity"}}}}}""".formatted(ENVELOPE, port);
    }

    private static void put(HttpClient client, UpProcess up, String path, String body) throws Exception {
        var answer = client.send(HttpRequest.newBuilder(URI.create(up.url() + path + "?api-version=2023-10-04-preview")).header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
    }

    private static void awaitRunning(HttpClient client, UpProcess up) {
        URI status = URI.create(up.url() + INSTANCE + "/pipelines/numbers/status?api-version=2023-10-04-preview");
        assertThat(Eventually.holds(() -> {
            try {
                return JSON.readTree(client.send(HttpRequest.newBuilder(status).build(), BodyHandlers.ofString()).body()).path("status").asText();
            } catch (java.io.IOException | InterruptedException unanswered) {
                throw new IllegalStateException(unanswered);
            }
        }, "running"::equals)).isEqualTo("running");
    }

    private static KustoCluster cluster(UpProcess up) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + URI.create(up.url()).getPort());
        return KustoCluster.connect(Endpoints.embedded(uri, List.of()).resolve("https://samples.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    private static void command(UpProcess up, String command) throws Exception {
        try (KustoCluster cluster = cluster(up)) {
            cluster.command("plant", command, Duration.ofMinutes(1));
        }
    }

    private static List<String> rows(UpProcess up, String kql) {
        List<String> rows = new ArrayList<>();
        try (KustoCluster cluster = cluster(up); RowReader reader = cluster.query("plant", kql, new QueryOptions(Duration.ofMinutes(1), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(JSON.writeValueAsString(row.get()));
            }
            return rows;
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
