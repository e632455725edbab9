package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.it.ManagementRest.Answer;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Data Processor's management interface as `conshelf up` serves it.
class ProcessorServiceTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROVIDER = "/subscriptions/s/resourceGroups/edge/providers/Microsoft.IoTOperationsDataProcessor/";
    private static final String INSTANCE = PROVIDER + "instances/plant";
    private static final String PIPELINE = INSTANCE + "/pipelines/flow";
    private static final String ENVELOPE = "\"location\": \"westus3\", \"extendedLocation\": {\"name\": \"plant\", \"type\": \"CustomLocation\"}";

    @TempDir
    Path folder;

    private UpProcess up;

    @BeforeEach
    void start() {
        up = open();
    }

    private UpProcess open() {
        return UpProcess.start(folder, folder.resolve("allowed"), Map.of("KnownSecret", "the secret itself"), "--data", folder.resolve("data").toString());
    }

    @AfterEach
    void stop() {
        up.close();
    }

    private Answer send(String method, String path, String body, String... headers) {
        return new ManagementRest(up.url(), "2023-10-04-preview").send(method, path, body, headers);
    }

    private static String pipeline(String enabled, String clientSecret) {
        return """
                {%s, "tags": {"line": "1"}, "properties": {"enabled": %s,
                 "input": {"displayName": "MQ", "type": "input/mqtt@v1", "broker": "mqtt://127.0.0.1:1", "topics": ["a/#"], "qos": 1, "cleanSession": false,
                   "authentication": {"type": "none"}, "format": {"type": "json"}, "partitionCount": 1, "partitionStrategy": {"type": "id", "expression": "0"},
                   "next": ["output"]},
                 "stages": {"output": {"displayName": "ADX", "type": "output/dataexplorer@v1", "clusterUrl": "https://samples.westeurope.kusto.windows.net",
                   "database": "NetDefaultDB", "table": "T", "columns": [{"name": "a"}],
                   "authentication": {"type": "servicePrincipal", "tenantId": "t", "clientId": "c", "clientSecret": "%s"}}}}}""".formatted(ENVELOPE, enabled, clientSecret);
    }

    private Answer ended(Answer begun) {
        String operation = begun.headers().get("Azure-AsyncOperation");
        assertThat(operation).as(begun.body().toString()).startsWith(up.url());
        return Eventually.holds(() -> send("GET", operation, ""), answer -> !answer.body().path("status").asText().equals("InProgress"));
    }

    @Test
    void resourcesAreMadeChangedListedAndKept() {
        Answer instance = send("PUT", INSTANCE, "{" + ENVELOPE + ", \"properties\": {\"description\": \"d\"}}");
        assertThat(instance.status()).as(instance.body().toString()).isEqualTo(201);
        assertThat(instance.body().at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        assertThat(instance.body().at("/systemData/createdAt").asText()).isNotEmpty();
        assertThat(send("PUT", INSTANCE, "{" + ENVELOPE + "}").status()).isEqualTo(200);

        Answer made = send("PUT", PIPELINE, pipeline("true", "KnownSecret"));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        assertThat(made.body().at("/properties/provisioningState").asText()).isEqualTo("Accepted");
        assertThat(ended(made).body().path("status").asText()).isEqualTo("Succeeded");
        JsonNode shown = send("GET", PIPELINE, "").body();
        assertThat(shown.at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        // the name of a secret is shown, the secret is not
        assertThat(shown.at("/properties/stages/output/authentication/clientSecret").asText()).isEqualTo("KnownSecret");
        assertThat(shown.toString()).doesNotContain("the secret itself");
        JsonNode status = send("GET", PIPELINE + "/status", "").body();
        assertThat(status.path("enabled").asBoolean()).isTrue();
        assertThat(status.path("status").asText()).isEqualTo("waiting for its source");
        assertThat(status.path("received").asLong(-1)).isZero();

        String etag = send("GET", PIPELINE, "").headers().get("ETag");
        assertThat(send("GET", PIPELINE, "", "If-None-Match", etag).status()).isEqualTo(304);
        Answer patched = send("PATCH", PIPELINE, "{\"properties\": {\"enabled\": false}}", "If-Match", etag);
        assertThat(patched.status()).as(patched.body().toString()).isEqualTo(200);
        assertThat(ended(patched).body().path("status").asText()).isEqualTo("Succeeded");
        assertThat(send("GET", PIPELINE + "/status", "").body().path("status").asText()).isEqualTo("not running");
        assertThat(send("PATCH", PIPELINE, "{\"tags\": {}}", "If-Match", etag).error()).startsWith("PreconditionFailed");

        up.stop();
        up = open();
        assertThat(send("GET", PIPELINE, "").body().at("/properties/enabled").asBoolean(true)).isFalse();
        assertThat(send("GET", INSTANCE + "/pipelines", "").body().at("/value/0/name").asText()).isEqualTo("flow");
        assertThat(send("GET", PROVIDER + "instances", "").body().path("value").size()).isEqualTo(1);
        assertThat(send("GET", "/subscriptions/S/providers/microsoft.iotoperationsdataprocessor/instances", "").body().path("value").size()).isEqualTo(1);

        Answer deleted = send("DELETE", PIPELINE, "");
        assertThat(deleted.status()).isEqualTo(202);
        assertThat(Eventually.holds(() -> send("GET", deleted.headers().get("Location"), ""), answer -> answer.status() != 202).status()).isEqualTo(200);
        assertThat(send("GET", PIPELINE, "").error()).startsWith("ResourceNotFound");
        assertThat(send("DELETE", PIPELINE, "").status()).isEqualTo(204);
    }

    @Test
    void whatIsWrongIsRefusedWithAllOfItAndChangesNothing() {
        assertThat(send("PUT", PIPELINE, pipeline("true", "s")).error()).startsWith("ParentResourceNotFound");
        send("PUT", INSTANCE, "{" + ENVELOPE + "}");
        assertThat(send("PUT", PROVIDER + "instances/Not-A-Name", "{" + ENVELOPE + "}").error()).contains("small letters");
        assertThat(send("PUT", PIPELINE, "{\"properties\": {}}").error()).isEqualTo("InvalidRequestContent: The property 'location' is required.");
        assertThat(send("PUT", PIPELINE, "{broken").status()).isEqualTo(400);
        assertThat(send("PUT", PIPELINE, "{" + ENVELOPE + ", \"more\": 1}").error()).contains("'more'");
        Answer wrong = send("PUT", PIPELINE, pipeline("true", "s").replace("[\"output\"]", "[\"nowhere\"]").replace("\"table\": \"T\",", ""));
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.error()).startsWith("ValidationFailed");
        assertThat(wrong.body().at("/error/details").toString()).contains("properties.input.next[0]", "nowhere", "properties.stages.output.table");
        assertThat(send("GET", PIPELINE, "").status()).isEqualTo(404);
        assertThat(send("GET", up.url() + PIPELINE, "").error()).startsWith("MissingApiVersionParameter");
        assertThat(send("GET", up.url() + PIPELINE + "?api-version=2020-01-01", "").error()).contains("2023-10-04-preview");
        assertThat(send("POST", PIPELINE, "").status()).isEqualTo(405);
        assertThat(send("GET", INSTANCE + "/brokers", "").status()).isEqualTo(404);

        // A secret in the place of its name is refused where that can be seen, and otherwise not told again; it stays where the definition is sent again without it.
        Answer plain = send("PUT", PIPELINE, pipeline("false", "typed in plain"));
        assertThat(plain.error()).startsWith("ValidationFailed").contains("clientSecret", "is to be the name of a secret").doesNotContain("typed in plain");
        assertThat(ended(send("PUT", PIPELINE, pipeline("false", "typed-in-plain"))).body().path("status").asText()).isEqualTo("Succeeded");
        assertThat(send("GET", PIPELINE, "").body().toString() + send("GET", PIPELINE + "/status", "").body()).doesNotContain("typed-in-plain")
                .contains("properties.stages.output.authentication.clientSecret", "names a secret that is not there");
        assertThat(send("PUT", PIPELINE, pipeline("false", "x").replace(", \"clientSecret\": \"x\"", "")).status()).isEqualTo(200);
        assertThat(send("PUT", PIPELINE, pipeline("false", "x").replace(", \"clientSecret\": \"x\"", "").replace("samples", "elsewhere")).error()).contains("clientSecret");
    }

    @Test
    void whatAClientReadsAndSendsAgainKeepsWhatNobodyKnows() {
        send("PUT", INSTANCE, "{" + ENVELOPE + "}");
        String more = "\"viewOptions\": {\"position\": {\"x\": 1.50, \"y\": 80}}, \"later\": [{\"a\": null}], ";
        String body = pipeline("false", "KnownSecret").replace("\"displayName\"", more + "\"displayName\"").replace("\"enabled\"", "\"somethingNew\": 12345678901234567890, \"enabled\"");
        assertThat(ended(send("PUT", PIPELINE, body)).body().path("status").asText()).isEqualTo("Succeeded");
        JsonNode read = send("GET", PIPELINE, "").body();
        assertThat(read.at("/properties/input/later/0").has("a")).isTrue();
        assertThat(read.at("/properties/stages/output/viewOptions/position/y").asInt()).isEqualTo(80);
        assertThat(read.at("/properties/somethingNew").asText()).isEqualTo("12345678901234567890");
        // `type`, `systemData` and `provisioningState` among it
        assertThat(ended(send("PUT", PIPELINE, read.toString())).body().path("status").asText()).isEqualTo("Succeeded");
        assertThat(send("GET", PIPELINE, "").body().path("properties")).isEqualTo(read.path("properties"));
        assertThat(send("GET", PIPELINE + "/status", "").body().path("remarks").toString()).contains("properties.input.later", "properties.somethingNew");

        String dataset = INSTANCE + "/datasets/things";
        Answer made = send("PUT", dataset, "{" + ENVELOPE + ", \"properties\": {\"keys\": {\"id\": {\"path\": \".id\", \"primaryKey\": true, \"more\": 1}}, \"ttl\": \"1h\"}}");
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        assertThat(made.body().at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        assertThat(made.body().at("/properties/keys/id/more").asInt()).isEqualTo(1);
        assertThat(send("PATCH", dataset, "{\"properties\": {\"ttl\": \"2h\"}, \"tags\": {\"a\": \"b\"}}").body().at("/properties/ttl").asText()).isEqualTo("2h");
        assertThat(send("GET", INSTANCE + "/datasets", "").body().at("/value/0/tags/a").asText()).isEqualTo("b");
        assertThat(send("PATCH", INSTANCE, "{\"properties\": {\"description\": \"new\"}}").body().at("/properties/description").asText()).isEqualTo("new");
        Answer removed = send("DELETE", dataset, "");
        assertThat(removed.status()).isEqualTo(202);
        assertThat(send("GET", removed.headers().get("Location"), "").status()).isEqualTo(200);
        assertThat(send("DELETE", dataset, "").status()).isEqualTo(204);
        assertThat(send("GET", dataset, "").error()).startsWith("ResourceNotFound");
    }

    private Surroundings.Finished processor(String... arguments) {
        List<String> all = new ArrayList<>(List.of("processor"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--server", up.url()));
        return Surroundings.run(folder, Map.of(), UpProcess.command(all).command());
    }

    @Test
    void whatPipelinesHaveDoneIsSeenByCommandsAndMetricsAlsoWhenTheyAreStopped() throws Exception {
        var none = processor("list");
        assertThat(none.exitCode()).as(none.output()).isZero();
        assertThat(none.output()).contains("there is no pipeline; 'conshelf processor publish' makes one");
        assertThat(processor("status", "--json").output().strip()).isEqualTo("[ ]");

        try (Mosquitto mosquitto = Mosquitto.start(folder); MqttSender sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machine")) {
            String file = Files.writeString(folder.resolve("flow.json"), JSON.readTree(pipeline("true", "Missing").replace("mqtt://127.0.0.1:1\"", "mqtt://127.0.0.1:" + mosquitto.port()
                    + "\", \"colour\": \"red\"")).path("properties").toString()).toString();
            var published = processor("publish", "--json", file);
            assertThat(published.exitCode()).as(published.output()).isZero();
            assertThat(published.output()).contains("note: flow: properties.stages.output.authentication.clientSecret names a secret that is not there");
            JsonNode json = JSON.readTree(published.output().substring(published.output().indexOf("{\n")));
            String path = json.path("instance").asText() + "/pipelines/flow";
            assertThat(json.at("/pipelines/0/id").asText()).isEqualTo(path);
            assertThat(json.at("/pipelines/0/provisioningState").asText()).isEqualTo("Succeeded");
            assertThat(json.at("/remarks/0/path").asText()).isEqualTo("input.colour");

            assertThat(Eventually.holds(() -> send("GET", path + "/status", "").body().path("status").asText(), "running"::equals)).isEqualTo("running");
            sender.send(List.of(MqttMessage.of("a/b", "no JSON".getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE)));
            JsonNode status = Eventually.holds(() -> send("GET", path + "/status", "").body(), seen -> seen.path("deadLetters").asLong() == 1 && seen.at("/deadLetterFiles/0").isTextual());
            assertThat(status.path("received").asLong()).isEqualTo(1);
            assertThat(Files.readString(Path.of(status.at("/deadLetterFiles/0").asText()))).contains("InvalidFormat");
            String metrics = CLIENT.send(HttpRequest.newBuilder(URI.create(up.url() + "/metrics")).build(), BodyHandlers.ofString()).body();
            String labels = "{cluster=\"conshelf\",k8s_namespace_name=\"conshelf\",cloud_resource_id=\"" + path + "\",";
            String flow = labels + "pipeline_id=\"flow\",";
            assertThat(metrics).contains("conshelf_http_requests", "aio_dp_reader_incoming_messages" + flow + "stage_id=\"$input\"} 1\n",
                    "aio_dp_reader_errors" + flow + "stage_id=\"$input\",error_code=\"InvalidFormat\"} 1\n", "aio_dp_runner_info" + flow + "runner_partition=\"0\",runner_state=\"RUNNING\"} 1\n",
                    "# TYPE aio_dp_pipeline_latency histogram", "aio_dp_stage_incoming_messages" + flow + "stage_id=\"output\",stage_type=\"output/dataexplorer@v1\",runner_partition=\"0\"} 0\n",
                    "aio_dp_stage_info" + flow + "stage_id=\"$input\",stage_type=\"input/mqtt@v1\",runner_partition=\"0\",stage_name=\"MQ\",stage_index=\"0\"} 1\n",
                    "aio_dp_reconcile_event" + labels + "name=\"flow\",namespace=\"conshelf\"} 1\n", "aio_dp_reconcile_error" + labels + "name=\"flow\",namespace=\"conshelf\"} 0\n");
            // each that the dashboards of the service ask for
            for (String name : List.of("reader_incoming_messages", "reader_processed_messages", "reader_incoming_heartbeats", "reader_processed_heartbeats", "reader_errors",
                    "reader_latency_bucket", "stage_incoming_messages", "stage_outgoing_messages", "stage_heartbeats", "stage_info", "stage_latency_bucket",
                    "stage_latency_sum", "stage_latency_count", "pipeline_latency_bucket", "pipeline_internal_latency_bucket", "reconcile_event", "reconcile_error", "runner_info",
                    "runner_input_stage_messages", "runner_input_stage_blocked_time_ratio_bucket", "runner_checkpoint_start", "runner_checkpoint_complete",
                    "runner_checkpoint_error", "runner_checkpoint_size")) {
                assertThat(metrics).contains("\naio_dp_" + name + labels);
            }

            assertThat(processor("stop", "flow").output()).contains("pipeline flow: not running");
            JsonNode stopped = send("GET", path + "/status", "").body();
            assertThat(stopped.path("status").asText()).isEqualTo("not running");
            assertThat(stopped.path("received").asLong()).isEqualTo(1);
            assertThat(stopped.path("receivedPerSecond").asDouble(-1)).isZero();
            assertThat(stopped.path("until").asText()).isGreaterThan(stopped.path("since").asText());
            assertThat(processor("status").output()).contains("not running", "last errors of flow", "messages kept aside by flow:\n  " + status.at("/deadLetterFiles/0").asText(),
                    "remarks about flow:");
        }
    }

    @Test
    void aResourceStaysWhereItIs() throws Exception {
        String instance = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/plant/providers/Microsoft.IoTOperationsDataProcessor/instances/staying";
        assertThat(send("PUT", instance, "{" + ENVELOPE + ", \"properties\": {}}").status()).isEqualTo(201);
        for (String elsewhere : List.of(ENVELOPE.replace("westus3", "eastus"), ENVELOPE.replace("\"plant\"", "\"other\""), ENVELOPE.replace("CustomLocation", "EdgeZone"))) {
            var refused = send("PUT", instance, "{" + elsewhere + ", \"properties\": {}}");
            assertThat(refused.status()).as(elsewhere).isEqualTo(409);
            assertThat(refused.body().at("/error/code").asText()).isEqualTo("InvalidResourceLocation");
            assertThat(refused.body().at("/error/message").asText()).contains("'staying' already exists in extended location 'CustomLocation': 'plant' of location 'westus3'");
            assertThat(send("PATCH", instance, "{" + elsewhere + "}").status()).as(elsewhere).isEqualTo(409);
        }
        assertThat(send("PUT", instance, "{" + ENVELOPE.replace("westus3", "West US 3").replace("plant", "PLANT") + ", \"properties\": {}}").status()).isEqualTo(200);
        assertThat(send("DELETE", instance, "").status()).isEqualTo(202);
    }

    @Test
    void thePythonClientForResourcesManagesPipelines() {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        var program = Surroundings.root().resolve("it/python/data_processor.py");
        var finished = Surroundings.run(folder, Map.of(), List.of(python.toString(), program.toString(), up.url()));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).endsWith("ok\n");
    }
}
