package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.source.Sources;
import io.conshelf.processor.source.Subscriptions;
import io.conshelf.processor.value.JsonText;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two whole pipelines with the tables that they are to give: through a broker, where the clock says when each message was received, and played back from files.
class ProcessorPipelinesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path PIPELINES = Surroundings.shared().resolve("conformance/data-processor/pipelines");

    private static Server server;
    private static KustoCluster cluster;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("factory")));
        cluster = KustoCluster.connect(endpoints().resolve("https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        server.close();
    }

    private static Endpoints endpoints() {
        return Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"oven-averages", "press-shifts"})
    void theTableHasExactlyTheExpectedRowsOfMessagesThatCameByABroker(String name) throws Exception {
        Path given = PIPELINES.resolve(name);
        Instant created = table(given);
        List<JsonNode> messages = lines(given.resolve("inputs.jsonl"));
        try (Mosquitto mosquitto = Mosquitto.start(folder);
                MqttSender sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machines")) {
            String text = Files.readString(given.resolve("pipeline.json")).replace("tcp://localhost:1883", "tcp://127.0.0.1:" + mosquitto.port());
            Definitions definitions = Definitions.read(List.of(Files.writeString(folder.resolve("pipeline.json"), text), given.resolve("datasets.json")));
            PipelineDefinition pipeline = definitions.pipelines().getFirst();
            Secrets secrets = _ -> Optional.of("secret");
            RunPlace place = new RunPlace("test", endpoints(), new KustoCredential.None(), secrets, FolderAccess.ANY, folder.resolve("state"));
            try (Pipelines pipelines = Pipelines.open(place, definitions.datasets())) {
                int number = 0;
                for (JsonNode record : lines(given.resolve("reference.jsonl"))) {
                    pipelines.references().find(record.get("dataset").asText()).orElseThrow().add("test", number++, List.of(JsonText.read(record.get("payload").toString())),
                            Instant.parse(record.get("at").asText()));
                }
                SignIn signIn = new SignIn(endpoints(), secrets);
                Source broker = Sources.open(pipeline.input(), "test-" + name, signIn, Subscriptions.UNKNOWN);
                broker.open();
                PipelineRun run = pipelines.start(pipeline, () -> new Timed(broker, messages));
                for (JsonNode message : messages) {
                    byte[] payload = message.has("payload") ? message.get("payload").asText().getBytes(StandardCharsets.UTF_8)
                            : Base64.getDecoder().decode(message.get("payloadBase64").asText());
                    sender.send(List.of(MqttMessage.of(message.get("topic").asText(), payload, Quality.AT_LEAST_ONCE)));
                }
                assertThat(run.await(Duration.ofMinutes(2))).as("it ends; %s", run.counts().told()).isTrue();
                requireCounts(run, JSON.readTree(given.resolve("expected.json").toFile()).get("counts"));
            }
        }
        requireRows(given, created);
    }

    private static void requireCounts(PipelineRun run, JsonNode counts) {
        assertThat(run.state()).isEqualTo(PipelineRun.State.STOPPED);
        assertThat(run.counts().received()).isEqualTo(counts.get("input").asLong());
        assertThat(run.counts().readerErrors().getOrDefault("InvalidFormat", 0L)).isEqualTo(counts.get("decodeErrors").asLong());
        counts.get("stages").properties().forEach(stage -> {
            var parts = run.counts().stages().stream().filter(one -> one.id().equals(stage.getKey())).toList();
            assertThat(parts.stream().mapToLong(one -> one.incoming()).sum()).as(stage.getKey() + " in").isEqualTo(stage.getValue().get("in").asLong());
            if (stage.getValue().has("out")) {
                assertThat(parts.stream().mapToLong(one -> one.outgoing()).sum()).as(stage.getKey() + " out").isEqualTo(stage.getValue().get("out").asLong());
            }
            assertThat(parts.stream().flatMap(one -> one.errors().values().stream()).mapToLong(Long::longValue).sum()).as(stage.getKey() + " errors")
                    .isEqualTo(stage.getValue().path("errors").asLong());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"oven-averages", "press-shifts"})
    void theTableHasExactlyTheExpectedRowsOfMessagesThatArePlayedBack(String name) throws Exception {
        Path given = PIPELINES.resolve(name);
        Instant created = table(given);
        try (ProcessorProcess process = ProcessorProcess.start(folder, given.resolve("pipeline.json").toString(), given.resolve("datasets.json").toString(), "--cluster",
                "http://127.0.0.1:" + server.port(), "--input", given.resolve("inputs.jsonl").toString(), "--reference", given.resolve("reference.jsonl").toString())) {
            JsonNode report = process.report();
            assertThat(report.at("/pipelines/0/state").asText()).as(process.log()).isEqualTo("STOPPED");
            assertThat(report.at("/pipelines/0/received").asLong()).isEqualTo(lines(given.resolve("inputs.jsonl")).size());
        }
        requireRows(given, created);
    }

    // ---------------------------------------------------------------- as both do it

    /// An empty table, whatever was there before.
    private static Instant table(Path given) throws Exception {
        JsonNode expected = JSON.readTree(given.resolve("expected.json").toFile());
        String table = expected.get("table").asText();
        command(".drop table " + table + " ifexists");
        for (String command : Files.readString(given.resolve("setup.kql")).split("\\n(?=\\.)")) {
            command(command);
        }
        command(".alter table " + table + " policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```");
        return Instant.now();
    }

    private static void command(String command) throws Exception {
        cluster.command("factory", command, Duration.ofMinutes(1));
    }

    private static List<JsonNode> lines(Path file) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static void requireRows(Path given, Instant created) throws Exception {
        JsonNode expected = JSON.readTree(given.resolve("expected.json").toFile());
        List<String> rows = new ArrayList<>();
        expected.get("rows").forEach(row -> rows.add(shown(row)));
        String query = expected.get("table").asText() + " | project " + String.join(", ", expected.get("columns").valueStream().map(JsonNode::asText).toList());
        List<String> found = Eventually.holds(() -> query(query), seen -> seen.size() >= rows.size());
        assertThat(found).as("since %s", created).containsExactlyInAnyOrderElementsOf(rows);
    }

    private static List<String> query(String kql) {
        List<String> rows = new ArrayList<>();
        try (RowReader reader = cluster.query("factory", kql, new QueryOptions(Duration.ofMinutes(1), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(shown(JSON.readTree(JSON.writeValueAsString(row.get()))));
            }
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
        return rows;
    }

    /// Numbers by their value, times by their instant; a table has no text that is missing, but an empty one.
    private static String shown(JsonNode row) {
        StringBuilder text = new StringBuilder();
        for (JsonNode cell : row) {
            String one = cell.isNull() ? "" : cell.isNumber() ? String.valueOf(cell.asDouble()) : cell.isTextual() ? cell.asText() : cell.toString();
            text.append(one.matches("\\d{4}-\\d\\d-\\d\\dT.*Z") ? Instant.parse(one).toString() : one).append(" | ");
        }
        return text.toString();
    }

    /// A broker's messages, each received when the file says.
    private static final class Timed implements Source {
        private final Source broker;
        private final Deque<Instant> times = new ArrayDeque<>();
        private final Deque<Arrival> waiting = new ArrayDeque<>();
        private Instant time = Instant.MIN;

        Timed(Source broker, List<JsonNode> messages) {
            this.broker = broker;
            messages.forEach(message -> times.add(Instant.parse(message.get("at").asText())));
        }

        @Override
        public List<Arrival> next() throws SourceException, InterruptedException {
            if (times.isEmpty()) {
                return List.of();
            }
            if (waiting.isEmpty()) {
                waiting.addAll(broker.next());
            }
            time = times.removeFirst();
            return List.of(waiting.removeFirst());
        }

        @Override
        public InstantSource clock() {
            return () -> time;
        }

        @Override
        public void close() {
            broker.close();
        }
    }
}
