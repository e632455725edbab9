package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The way of the page about the Azure Data Explorer destination, step by step as its reader goes it: an application, its role, the table's batching policy, the
/// pipeline, and the rows.
class SeedProcessorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String PIPELINE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/conshelf/providers/Microsoft.IoTOperationsDataProcessor"
            + "/instances/conshelf/pipelines/ovens";

    @TempDir
    Path folder;

    private UpProcess up;
    private Mosquitto mosquitto;
    private KustoCredential administrator = new KustoCredential.None();
    private Map<String, String> variables = Map.of();

    @BeforeEach
    void broker() throws IOException {
        mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    }

    @AfterEach
    void stop() {
        if (up != null) {
            up.close();
        }
        mosquitto.close();
    }

    private void start(String auth, Map<String, String> secrets) {
        up = UpProcess.start(folder, folder.resolve("allowed"), secrets, "--data", folder.resolve("data").toString(), "--auth", auth);
        if (auth.equals("entra")) {
            try {
                variables = Files.readAllLines(folder.resolve("data").resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                        .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            administrator = KustoCredential.of(variables);
        }
    }

    private JsonNode ask(String method, String path, String body) {
        try {
            return ClusterRest.of(endpoint(), administrator).ask(method, path, body);
        } catch (StoreException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private JsonNode kusto(String kind, String database, String csl) {
        return ask("POST", "/v1/rest/" + kind, JSON.createObjectNode().put("db", database).put("csl", csl).toString()).at("/Tables/0/Rows");
    }

    /// A command of conshelf as somebody types it, signed in where the cluster wants it.
    private Surroundings.Finished conshelf(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--cluster", up.url()));
        return Surroundings.run(folder, variables, UpProcess.command(all).command());
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "entra"})
    void thePageFromTheApplicationToTheRows(String auth) throws Exception {
        start(auth, Map.of());
        String application = "3f0c2d18-7a55-4d3c-9e0e-52d8b6c1a7f4";
        String tenant = "contoso.onmicrosoft.com";
        String secret = "anything";
        if (auth.equals("entra")) {
            var made = conshelf("app", "create", "data-processor");
            assertThat(made.exitCode()).as(made.output()).isZero();
            Map<String, String> printed = new HashMap<>();
            made.output().lines().filter(line -> line.startsWith("AZURE_")).forEach(line ->
                    printed.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1).strip()));
            application = printed.get("AZURE_CLIENT_ID");
            tenant = printed.get("AZURE_TENANT_ID");
            secret = printed.get("AZURE_CLIENT_SECRET");
        }
        // The secret goes where the definition names it, and the service learns of it when it starts.
        up.stop();
        start(auth, Map.of("AIOADXSecret", secret));

        kusto("mgmt", "NetDefaultDB", ".create database Plant");
        kusto("mgmt", "Plant", ".create table Ovens (temperature:real, Site:string, ok:bool, at:datetime)");
        kusto("mgmt", "Plant", ".add database Plant admins (" + application + ") DataProcessor");
        kusto("mgmt", "Plant", """
                .alter table Plant.Ovens policy ingestionbatching
                {
                    "MaximumBatchingTimeSpan" : "00:00:30",
                    "MaximumNumberOfItems" : 1,
                    "MaximumRawDataSizeMB": 1024
                }""");
        assertThat(kusto("mgmt", "Plant", ".show database Plant principals").toString()).contains(application, "DataProcessor");

        Path pipeline = Files.writeString(folder.resolve("ovens.json"), """
                {"enabled": true,
                 // what the page's fields are called in JSON
                 "input": {"displayName": "MQ - ovens", "type": "input/mqtt@v1", "broker": "mqtt://127.0.0.1:%d", "topics": ["ovens/#"], "qos": 1, "cleanSession": false,
                   "authentication": {"type": "none"}, "format": {"type": "json"}, "partitionCount": 1, "partitionStrategy": {"type": "id", "expression": "0"},
                   "next": ["output"]},
                 "stages": {"output": {"displayName": "ADX - ovens", "description": "Write ovens to Azure Data Explorer", "type": "output/dataexplorer@v1",
                   "clusterUrl": "https://samples.westeurope.kusto.windows.net/", "database": "Plant", "table": "Ovens",
                   "authentication": {"type": "servicePrincipal", "tenantId": "%s", "clientId": "%s", "clientSecret": "AIOADXSecret"},
                   "batch": {"time": "1s", "path": ".payload"},
                   "columns": [{"name": "Site", "path": ".site.name"}, {"name": "temperature"}, {"name": "ok"}, {"name": "at", "path": ".time"},],
                   "viewOptions": {"position": {"x": 0, "y": 80}}}}}
                """.formatted(mosquitto.port(), tenant, application));
        var published = conshelf("processor", "publish", pipeline.toString());
        assertThat(published.exitCode()).as(published.output()).isZero();
        assertThat(Eventually.holds(() -> managed("GET", "/status", "").path("status").asText(), "running"::equals)).isEqualTo("running");

        try (MqttSender sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "ovens")) {
            sender.send(List.of(message("a", "{\"temperature\": 181.5, \"site\": {\"name\": \"north\"}, \"ok\": true, \"time\": \"2026-01-31T08:00:00Z\", \"more\": [1]}"),
                    message("b", "{\"temperature\": 12, \"site\": {\"name\": \"south\"}, \"time\": \"2026-01-31T08:00:01Z\"}"), message("b", "not JSON"),
                    message("c", "{\"temperature\": 0, \"ok\": false}")));
        }
        String expected = "[[0.0,\"\",false,null],[12.0,\"south\",null,\"2026-01-31T08:00:01Z\"],[181.5,\"north\",true,\"2026-01-31T08:00:00Z\"]]";
        assertThat(Eventually.holds(() -> kusto("query", "Plant", "Ovens | order by temperature asc").toString(), expected::equals)).isEqualTo(expected);

        String shown = processor("status");
        assertThat(shown).contains("ovens", "running").contains("last errors of ovens:");
        assertThat(managed("GET", "", "").toString() + Files.readString(folder.resolve("up.log"))).doesNotContain(auth.equals("entra") ? secret : "no such text");

        // What comes while it is paused waits in the broker, and what was written is there once.
        enable("false", "not running");
        try (MqttSender sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "ovens")) {
            sender.send(List.of(message("a", "{\"temperature\": 200}")));
        }
        enable("true", "running");
        assertThat(Eventually.holds(() -> kusto("query", "Plant", "Ovens | summarize count(), max(temperature)").toString(), "[[4,200.0]]"::equals)).isEqualTo("[[4,200.0]]");
    }

    private void enable(String enabled, String status) {
        managed("PATCH", "", "{\"properties\": {\"enabled\": " + enabled + "}}");
        assertThat(Eventually.holds(() -> managed("GET", "/status", "").path("status").asText(), status::equals)).isEqualTo(status);
    }

    /// The pipeline, as its management interface answers.
    private JsonNode managed(String method, String path, String body) {
        try {
            return ClusterRest.ofResources(endpoint(), administrator).ask(method, PIPELINE + path + "?api-version=2023-10-04-preview", body);
        } catch (StoreException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private KustoEndpoint endpoint() throws StoreException {
        return Endpoints.embedded(URI.create(up.url()), List.of()).resolve("https://samples.westeurope.kusto.windows.net");
    }

    private String processor(String... arguments) {
        try {
            List<String> all = new ArrayList<>(List.of("processor"));
            all.addAll(List.of(arguments));
            return conshelf(all.toArray(String[]::new)).output();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static MqttMessage message(String oven, String payload) {
        return MqttMessage.of("ovens/" + oven, payload.getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE);
    }
}
