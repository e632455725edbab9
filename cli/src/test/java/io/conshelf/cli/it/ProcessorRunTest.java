package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `conshelf processor run` as its users type it, with recorded messages and without.
class ProcessorRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OVEN = "{\"at\": \"2026-01-31T08:00:0%d.000Z\", \"topic\": \"plant/%s\", \"payload\": {\"n\": %d}}";

    @TempDir
    Path folder;

    private Path temporary;

    @BeforeEach
    void folders() throws IOException {
        temporary = Files.createDirectory(folder.resolve("tmp"));
    }

    private Path pipeline() throws IOException {
        return pipeline("mqtt://127.0.0.1:1", "");
    }

    private Path pipeline(String broker, String more) throws IOException {
        return Files.writeString(folder.resolve("flow.json"), """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "%s", "topics": ["plant/#"], "qos": 1, "cleanSession": false, "authentication": {"type": "none"},
                   "format": {"type": "json"}, "partitionCount": 1, "partitionStrategy": {"type": "id", "expression": "0"}, "next": ["output"]},
                 "stages": {"output": {"type": "output/dataexplorer@v1", "clusterUrl": "https://plant.westeurope.kusto.windows.net", "database": "Plant", "table": "T",
                   "authentication": {"type": "managedIdentity"}, "batch": {"time": "1s", "path": ".payload"},
                   "columns": [{"name": "n"}, {"name": "at", "path": ".at"}]}}%s}""".formatted(broker, more));
    }

    private void table() throws IOException {
        Files.writeString(folder.resolve("tables.kql"), """
                .create table T (n:long, at:datetime)

                .alter table T policy ingestionbatching @'{"MaximumNumberOfItems": 1}'
                """);
    }

    private Path recording(String... lines) throws IOException {
        return Files.write(folder.resolve("messages.jsonl"), List.of(lines));
    }

    private static String oven(int second, String topic) {
        return OVEN.formatted(second, topic, second);
    }

    private record Ended(int exitCode, String out, String errors) {
        private JsonNode report() {
            try {
                return JSON.readTree(out);
            } catch (IOException noJson) {
                throw new UncheckedIOException(noJson);
            }
        }
    }

    /// A command at work; what it makes for itself goes to a folder of the test's.
    private final class Typed implements AutoCloseable {
        private final Process process;
        private final Path out;
        private final Path errors;

        private Typed(String... arguments) throws IOException {
            List<String> all = new ArrayList<>(List.of("processor", "run"));
            all.addAll(List.of(arguments));
            out = Files.createTempFile(folder, "out", "");
            errors = Files.createTempFile(folder, "err", "");
            ProcessBuilder command = UpProcess.command(all).redirectOutput(out.toFile()).redirectError(errors.toFile());
            command.command().add(1, "-Djava.io.tmpdir=" + temporary);
            command.environment().put("XDG_STATE_HOME", folder.resolve("state").toString());
            process = command.start();
        }

        private String errors() {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private String out() {
            try {
                return Files.readString(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private Ended ended() throws InterruptedException {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("it ends: %s", errors()).isTrue();
            return new Ended(process.exitValue(), out(), errors());
        }

        /// As Ctrl-C does.
        private Ended interrupted() throws InterruptedException {
            process.destroy();
            return ended();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Ended run(String... arguments) throws Exception {
        try (Typed typed = new Typed(arguments)) {
            return typed.ended();
        }
    }

    private Ended play(Path recording, String... more) throws Exception {
        return run(Stream.concat(Stream.of(pipeline().toString(), "--input", recording.toString(), "--json"), Stream.of(more)).toArray(String[]::new));
    }

    private static String query(String url, String csl) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String body = JSON.createObjectNode().put("db", "Plant").put("csl", csl).toString();
            String path = csl.startsWith(".") ? "/v1/rest/mgmt" : "/v1/rest/query";
            var answer = client.send(HttpRequest.newBuilder(URI.create(url + path)).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build(),
                    BodyHandlers.ofString());
            return JSON.readTree(answer.body()).at("/Tables/0/Rows").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private List<String> leftBehind() throws IOException {
        try (Stream<Path> left = Files.list(temporary)) {
            return left.map(path -> path.getFileName().toString()).filter(name -> name.startsWith("conshelf-processor")).toList();
        }
    }

    @Test
    void functionsThatTheServiceBlockedAreToldWhereSomebodyAsks() throws Exception {
        Path file = Files.writeString(folder.resolve("looping.json"), """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "next": ["loop"], "partitionCount": 1,
                   "partitionStrategy": {"type": "id", "expression": "[range(1)][0]"}},
                 "stages": {"loop": {"type": "processor/transform@v1", "expression": ".n |= until(. > 9; . * 2)", "next": ["output"]},
                   "output": {"type": "output/file@v1", "rootDirectory": "out", "format": {"type": "json"}}}}
                """);
        Surroundings.Finished lenient = Surroundings.run(folder, Map.of(), UpProcess.command(List.of("processor", "validate", file.toString())).command());
        assertThat(lenient.exitCode()).as(lenient.output()).isZero();
        Surroundings.Finished strict = Surroundings.run(folder, Map.of(), UpProcess.command(List.of("processor", "validate", "--strict", file.toString())).command());
        assertThat(strict.exitCode()).isEqualTo(1);
        assertThat(strict.output()).contains("input.partitionStrategy.expression: 'range' is not allowed in expressions (line 1, column 2)",
                "stages.loop.expression: 'until' is not allowed in expressions (line 1, column 7)");
    }

    @Test
    void aFileOfAnOptionThatIsNotThereIsRefusedAtOnceByName() throws Exception {
        table();
        for (String option : List.of("--input", "--reference", "--tables")) {
            Ended ended = run(pipeline().toString(), option, "no-such-file");
            assertThat(ended.exitCode()).as(ended.errors()).isEqualTo(1);
            assertThat(ended.errors()).isEqualTo("conshelf: " + option + ": there is no file 'no-such-file' that can be read\n");
        }
        assertThat(leftBehind()).isEmpty();
    }

    @Test
    void aRecordingWithALineThatIsNoMessageFailsAndNamesTheLine() throws Exception {
        table();
        Ended ended = play(recording(oven(1, "a"), "", "{\"topic\": \"plant/a\", \"paylod\": 1}", oven(2, "a")));
        assertThat(ended.exitCode()).as(ended.errors()).isEqualTo(1);
        assertThat(ended.report().at("/pipelines/0/state").asText()).isEqualTo("FAILED");
        assertThat(ended.report().at("/pipelines/0/error").asText()).startsWith("line 3 of ").endsWith("did you mean 'payload'?");
        // what stands before it has come
        assertThat(ended.report().at("/pipelines/0/sent").asLong()).isEqualTo(1);
    }

    @Test
    void aRecordingForATableThatIsNotThereEndsAndCountsNothingAsSent() throws Exception {
        // the cluster of the run
        Ended ended = play(recording(oven(1, "a"), oven(2, "a"), oven(4, "a")));
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.errors()).contains("has no table 'T' in the database 'Plant'", "tables.kql", "--tables");
        // another one
        try (Server server = Server.start(ServerConfig.local().withDatabases(List.of("Plant")))) {
            Ended elsewhere = play(recording(oven(1, "a"), oven(2, "a"), oven(4, "a")), "--cluster", "http://127.0.0.1:" + server.port());
            assertThat(elsewhere.exitCode()).as(elsewhere.errors()).isEqualTo(1);
            assertThat(elsewhere.report().at("/pipelines/0/state").asText()).isEqualTo("FAILED");
            assertThat(elsewhere.report().at("/pipelines/0/sent").asLong(-1)).isZero();
            assertThat(elsewhere.report().at("/pipelines/0/error").asText()).contains("'T'");
            // told in words, not in the lines of a log
            assertThat(elsewhere.errors()).doesNotContain("WARN").doesNotContain("Exception");
        }
    }

    @Test
    void whatIsPlayedBackIsWhatTheTopicsAskFor() throws Exception {
        table();
        Ended ended = play(recording(oven(1, "a"), "{\"topic\": \"office/a\", \"payload\": {\"n\": 9}}", oven(2, "a")));
        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(ended.report().at("/pipelines/0/received").asLong()).isEqualTo(2);
        assertThat(ended.report().at("/pipelines/0/sent").asLong()).isEqualTo(2);
        assertThat(ended.report().at("/pipelines/0/acknowledged").asLong()).isEqualTo(2);
        assertThat(ended.report().at("/ofOtherTopics").asLong()).isEqualTo(1);
        assertThat(ended.errors()).contains("1 message has a topic that 'topics' of the input does not ask for");
    }

    @Test
    void aRecordedLineWithoutATimeComesWithTheLineBeforeIt() throws Exception {
        Files.writeString(folder.resolve("tables.kql"), ".create table T (n:long, at:datetime)\n\n.alter table T policy ingestionbatching @'{\"MaximumNumberOfItems\": 1}'\n");
        Path timed = pipeline();
        Files.writeString(timed, Files.readString(timed).replace("\"next\": [\"output\"]", "\"next\": [\"timed\"]").replace("\"stages\": {",
                "\"stages\": {\"timed\": {\"type\": \"processor/transform@v1\", \"expression\": \".payload.at = .systemProperties.timestamp\", \"next\": [\"output\"]}, "));
        try (Typed typed = new Typed(timed.toString(), "--keep", "--input",
                recording(oven(1, "a"), "{\"topic\": \"plant/a\", \"payload\": {\"n\": 2}}", oven(3, "a")).toString())) {
            String url = Eventually.holds(typed::out, out -> out.startsWith("ready ")).substring("ready ".length()).strip();
            String expected = "[[1,\"2026-01-31T08:00:01Z\"],[2,\"2026-01-31T08:00:01Z\"],[3,\"2026-01-31T08:00:03Z\"]]";
            assertThat(Eventually.holds(() -> query(url, "T | order by n asc"), expected::equals)).isEqualTo(expected);
            assertThat(typed.interrupted().errors()).contains("3 messages in, 3 sent");
        }
        assertThat(leftBehind()).isEmpty();
    }

    @Test
    void aLiveRunTellsTheAddressOfItsClusterAndWhenInterruptedHowItWent() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.start(folder);
                Typed typed = new Typed(pipeline("mqtt://127.0.0.1:" + mosquitto.port(), "").toString(), "--json");
                MqttSender sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machine")) {
            String told = Eventually.holds(typed::errors, errors -> errors.contains("cluster http://"));
            assertThat(told).contains("note: the cluster of the run has no table 'T' in the database 'Plant' yet");
            String url = told.lines().filter(line -> line.startsWith("cluster ")).findFirst().orElseThrow().substring("cluster ".length());
            assertThat(query(url, ".show tables")).isEqualTo("[]");
            Eventually.holds(typed::errors, errors -> errors.contains("flow running"));
            sender.send(List.of(MqttMessage.of("plant/a", "{\"n\": 1}".getBytes(StandardCharsets.UTF_8),
                    Quality.AT_LEAST_ONCE)));
            assertThat(Eventually.holds(typed::errors, errors -> errors.contains("flow running: 1 messages"))).contains("0 sent");
            // the table is not there, so the batch waits: it does not hold up the end
            Ended ended = typed.interrupted();
            assertThat(ended.exitCode()).isEqualTo(143);
            assertThat(ended.report().at("/pipelines/0/received").asLong()).isEqualTo(1);
            assertThat(ended.report().at("/pipelines/0/sent").asLong(-1)).isZero();
            assertThat(ended.errors()).contains("flow ended after").contains("1 messages in, 0 sent");
            assertThat(ended.errors()).doesNotContain("WARN").doesNotContain("SEVERE");
        }
        assertThat(leftBehind()).isEmpty();
    }

    @Test
    void valuesThatAColumnDoesNotTakeAreToldWithColumnAndCount() throws Exception {
        table();
        String payload = "{\"topic\": \"plant/a\", \"payload\": {\"n\": %s, \"at\": %s}}";
        Ended ended = play(recording(payload.formatted("\"n/a\"", "null"), payload.formatted("1.5", "\"2026-01-31\""), payload.formatted("4.0", "12"), payload.formatted("\"5\"", "\"\"")));
        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(ended.report().at("/pipelines/0/sent").asLong()).isEqualTo(4);
        assertThat(ended.report().at("/pipelines/0/stages/output/errors/ValueNotTaken").asLong()).isEqualTo(3);
        assertThat(ended.errors()).contains("2 × ValueNotTaken (output): the column 'n' of the table 'T' is long and does not take \"n/a\": it is null there",
                "1 × ValueNotTaken (output): the column 'at' of the table 'T' is datetime and does not take 12: it is null there");
    }

    @Test
    void aRecordingEndsWhenItIsKnownWhatTheClusterMadeOfTheLastBatch() throws Exception {
        // the policy's function is gone when the rows come
        Files.writeString(folder.resolve("tables.kql"), """
                .create table T (n:long, at:datetime)

                .create table Copy (n:long, at:datetime)

                .create function Rows() { T }

                .alter table Copy policy update @'[{"IsEnabled": true, "Source": "T", "Query": "Rows()", "IsTransactional": true}]'

                .drop function Rows

                .alter table T policy ingestionbatching @'{"MaximumNumberOfItems": 1}'
                """);
        Ended ended = play(recording(oven(1, "a"), oven(2, "b")), "--state", folder.resolve("own").toString());
        assertThat(ended.errors()).contains("BatchNotIngested (output)");
        assertThat(Path.of(ended.report().at("/pipelines/0/deadLetterFiles/0").asText())).content().contains("BatchNotIngested", "left-queued-");
    }

    @Test
    void aSecretThatIsNotThereIsTold() throws Exception {
        table();
        Path file = pipeline();
        Files.writeString(file, Files.readString(file).replace("{\"type\": \"managedIdentity\"}",
                "{\"type\": \"servicePrincipal\", \"tenantId\": \"t\", \"clientId\": \"c\", \"clientSecret\": \"AdxSecret\"}"));
        Ended ended = run(file.toString(), "--input", recording(oven(1, "a")).toString());
        assertThat(ended.exitCode()).as(ended.errors()).isZero();
        assertThat(ended.errors()).contains("note: " + file + ": stages.output.authentication.clientSecret: names a secret that is not there; they are given under 'secrets'");
    }

    @Test
    void keepGoesWithARecordingAndTheClusterOfTheRun() throws Exception {
        Ended live = run(pipeline().toString(), "--keep");
        assertThat(live.exitCode()).isEqualTo(2);
        assertThat(live.errors()).contains("--keep goes with --input");
    }

    @Test
    void messagesKeptAsideAreFoundWhereTheReportSays() throws Exception {
        table();
        String broken = "{\"topic\": \"plant/a\", \"payload\": \"no JSON\"}";
        Ended kept = play(recording(oven(1, "a"), broken), "--state", folder.resolve("own").toString());
        String file = kept.report().at("/pipelines/0/deadLetterFiles/0").asText();
        assertThat(Files.readString(Path.of(file))).contains("InvalidFormat");
        assertThat(kept.errors()).contains("kept aside in " + file);
    }
}
