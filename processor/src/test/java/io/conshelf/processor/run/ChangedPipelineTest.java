package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pipeline that is changed while it does not run loses nothing of what it gathered before.
class ChangedPipelineTest {
    private static final String SUM = """
            "add": {"type": "processor/aggregate@v1", "window": {"type": "tumbling", "size": "24h"}, "properties": [
              {"function": "sum", "inputPath": ".payload", "outputPath": ".payload.%s"}], "next": ["output"]},""";
    private static final String PASS = """
            "add": {"type": "processor/transform@v1", "expression": ".payload = {passed: .payload}", "next": ["output"]},""";

    @TempDir
    private Path folder;
    private Pipelines pipelines;

    @BeforeEach
    void open() throws IOException {
        RunPlace place = new RunPlace("test", Endpoints.replacedBy(URI.create("http://localhost")), new KustoCredential.None(), name -> name.equals("there") ? Optional.of("a2V5") : Optional.empty(), FolderAccess.ANY,
                folder.resolve("state"));
        pipelines = Pipelines.open(place, List.of());
    }

    @AfterEach
    void close() throws IOException {
        pipelines.close();
    }

    private PipelineDefinition pipeline(String stage, String to, String title) throws Exception {
        return Definitions.read("adding.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "displayName": "%s", "broker": "tcp://localhost:1883", "topics": ["a"], "format": {"type": "json"}, "partitionCount": 1,
                   "next": ["add"]},
                 "stages": {%s
                   "output": {"type": "output/file@v1", "displayName": "%s", "rootDirectory": "%s", "format": {"type": "json"}, "batch": {"time": "1s"}}}}
                """.formatted(title, stage, title, folder.resolve(to))).pipelines().getFirst();
    }

    /// Gives these and then nothing more, until it is stopped or at once.
    private static Source numbers(boolean isEnding, int... numbers) {
        return new Source() {
            private boolean isGiven;

            @Override
            public List<Arrival> next() throws InterruptedException {
                List<Arrival> arrivals = new ArrayList<>();
                if (!isGiven) {
                    for (int number : numbers) {
                        LinkedHashMap<String, Value> envelope = new LinkedHashMap<>();
                        envelope.put("topic", Value.of("a"));
                        arrivals.add(new Arrival(String.valueOf(number).getBytes(StandardCharsets.UTF_8), envelope, Delivery.ONCE));
                    }
                    isGiven = true;
                }
                if (arrivals.isEmpty() && !isEnding) {
                    Thread.sleep(Duration.ofDays(1));
                }
                return arrivals;
            }

            @Override
            public void close() {}
        };
    }

    private static void eventually(BooleanSupplier holds) {
        Instant limit = Instant.now().plusSeconds(300);
        while (!holds.getAsBoolean()) {
            assertThat(Instant.now()).as("it comes in time").isBefore(limit);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /// As `processor run` that is ended by Ctrl-C.
    private void runAndStop(PipelineDefinition pipeline, int... numbers) throws Exception {
        PipelineRun run = pipelines.start(pipeline, () -> numbers(false, numbers));
        eventually(() -> RunStatus.stages(run).get("add").in() == numbers.length);
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(run.failure()).isEmpty();
    }

    private void runToTheEnd(PipelineDefinition pipeline, int... numbers) throws Exception {
        PipelineRun run = pipelines.start(pipeline, () -> numbers(true, numbers));
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(run.failure()).isEmpty();
    }

    private List<String> written(String to) throws IOException {
        List<String> written = new ArrayList<>();
        if (Files.exists(folder.resolve(to))) {
            try (Stream<Path> files = Files.walk(folder.resolve(to))) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    written.add(Files.readString(file).strip());
                }
            }
        }
        return written;
    }

    @Test
    void aWindowGoesOnWhereOnlyNamesForPeopleChange() throws Exception {
        runAndStop(pipeline(SUM.formatted("sum"), "out", "one"), 1, 2);
        runAndStop(pipeline(SUM.formatted("sum"), "out", "two"), 3);
        assertThat(written("out")).isEmpty();
        runToTheEnd(pipeline(SUM.formatted("sum"), "out", "two"), 4);
        assertThat(written("out")).containsExactly("[{\"sum\":10}]");
    }

    @Test
    void aWindowOfAStageThatBecomesAnotherIsHandedOnAsItWas() throws Exception {
        runAndStop(pipeline(SUM.formatted("sum"), "out", "one"), 1, 2);
        runToTheEnd(pipeline(SUM.formatted("total"), "out", "one"), 30);
        assertThat(written("out")).containsExactlyInAnyOrder("[{\"sum\":3}]", "[{\"total\":30}]");
    }

    @Test
    void aWindowOfAStageThatIsGoneIsHandedOnAsItWas() throws Exception {
        runAndStop(pipeline(SUM.formatted("sum"), "out", "one"), 1, 2);
        runToTheEnd(pipeline(PASS, "elsewhere", "one"), 30);
        assertThat(written("out")).containsExactly("[{\"sum\":3}]");
        assertThat(written("elsewhere")).containsExactly("[{\"passed\":30}]");
    }

    @Test
    void aWindowOutlivesAChangeOfTheDestination() throws Exception {
        runAndStop(pipeline(SUM.formatted("sum"), "out", "one"), 1, 2);
        runToTheEnd(pipeline(SUM.formatted("sum"), "elsewhere", "one"), 3);
        assertThat(written("out")).isEmpty();
        assertThat(written("elsewhere")).containsExactly("[{\"sum\":6}]");
    }

    @Test
    void whatWasOnItsWayGoesWhereItWasGoing() throws Exception {
        Path blocked = Files.writeString(folder.resolve("out"), "a file in the place of the folder");
        PipelineRun run = pipelines.start(pipeline(PASS, "out", "one"), () -> numbers(false, 1));
        eventually(() -> run.counts().checkpointsBegun() == 1 && run.counts().checkpointBytes() > 0);
        run.breakOff();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        Files.delete(blocked);
        runToTheEnd(pipeline(PASS, "elsewhere", "one"), 2);
        assertThat(written("out")).containsExactly("[{\"passed\":1}]");
        assertThat(written("elsewhere")).containsExactly("[{\"passed\":2}]");
    }

    /// Begins a batch that goes nowhere, as of a store that is not there.
    private void runIntoARefusal(String stage) throws Exception {
        PipelineRun run = pipelines.start(blob(stage, "http://127.0.0.1:1/lab", "gone"), () -> numbers(false, 1));
        eventually(() -> run.counts().checkpointsBegun() == 1 && run.counts().checkpointBytes() > 0);
        run.breakOff();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
    }

    private PipelineDefinition blob(String stage, String account, String secret) throws Exception {
        return Definitions.read("adding.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "format": {"type": "json"}, "partitionCount": 1, "next": ["add"]},
                 "stages": {%s
                   "output": {"type": "output/blobstorage@v1", "accountName": "%s", "containerName": "batches", "format": {"type": "json"}, "batch": {"time": "1s"},
                     "authentication": {"type": "accessKey", "accessKey": "%s"}}}}
                """.formatted(stage, account, secret)).pipelines().getFirst();
    }

    @Test
    void whatTheDestinationOfBeforeRefusesForGoodIsLeftAsideWithTheReason() throws Exception {
        runIntoARefusal(PASS);
        runToTheEnd(pipeline(PASS, "out", "one"), 2);
        assertThat(written("out")).containsExactly("[{\"passed\":2}]");
        Path state = folder.resolve("state/pipelines/adding");
        assertThat(state.resolve("dead-letters-0.jsonl")).content().contains("\"code\":\"FinalError\"", "SecretNotFound", "left-batch-0-1");
        assertThat(state.resolve("left-batch-0-1")).content().contains("{\"passed\":1}");
    }

    @Test
    void whatTheDestinationOfBeforeRefusesForGoodGoesToTheOneThatIsThereNow() throws Exception {
        ConcurrentLinkedQueue<String> taken = new ConcurrentLinkedQueue<>();
        HttpServer store = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        store.createContext("/", exchange -> {
            taken.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.getResponseHeaders().add("ETag", "\"0x1\"");
            exchange.getResponseHeaders().add("Last-Modified", "Sat, 21 Nov 2026 00:00:00 GMT");
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        store.start();
        try {
            runIntoARefusal(PASS);
            runToTheEnd(blob(PASS, "http://127.0.0.1:" + store.getAddress().getPort() + "/lab", "there"), 2);
            assertThat(taken).contains("[{\"passed\":1}]", "[{\"passed\":2}]");
            assertThat(folder.resolve("state/pipelines/adding/left-batch-0-1")).doesNotExist();
        } finally {
            store.stop(0);
        }
    }

    @Test
    void aWindowThatTheDestinationOfBeforeRefusesForGoodIsNotLost() throws Exception {
        runAndStop(blob(SUM.formatted("sum"), "http://127.0.0.1:1/lab", "gone"), 1, 2);
        runToTheEnd(pipeline(PASS, "out", "one"), 30);
        assertThat(written("out")).containsExactly("[{\"passed\":30}]");
        Path state = folder.resolve("state/pipelines/adding");
        try (Stream<Path> left = Files.list(state).filter(file -> file.getFileName().toString().startsWith("left-batch-0-"))) {
            assertThat(left).singleElement().satisfies(file -> assertThat(file).content().contains("{\"sum\":3}"));
        }
        assertThat(state.resolve("dead-letters-0.jsonl")).content().contains("SecretNotFound", "left-batch-0-");
    }

    @Test
    void whatIsTypedInThePlaceOfASecretsNameIsNotKeptInPlain() throws Exception {
        typedInPlain("authentication", "password");
        typedInPlain("Authentication", "PassWord");
    }

    private void typedInPlain(String authentication, String password) throws Exception {
        PipelineDefinition pipeline = Definitions.read("adding.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "next": ["output"],
                   "%s": {"type": "usernamePassword", "username": "me", "%s": "typed-in-plain"}},
                 "stages": {"output": {"type": "output/file@v1", "rootDirectory": "%s", "format": {"type": "raw"}}}}
                """.formatted(authentication, password, folder.resolve("out"))).pipelines().getFirst();
        runToTheEnd(pipeline, 1);
        try (Stream<Path> state = Files.walk(folder.resolve("state"))) {
            for (Path file : state.filter(Files::isRegularFile).filter(one -> one.toString().endsWith(".json")).toList()) {
                assertThat(file).content().contains("usernamePassword").doesNotContain("typed-in-plain");
            }
        }
    }

    @Test
    void whatCannotBeBroughtToItsEndIsNotForgottenInSilence() throws Exception {
        runAndStop(pipeline(SUM.formatted("sum"), "out", "one"), 1, 2);
        try (Stream<Path> state = Files.list(folder.resolve("state/pipelines/adding"))) {
            for (Path file : state.filter(one -> one.getFileName().toString().startsWith("definition-")).toList()) {
                Files.delete(file);
            }
        }
        assertThatThrownBy(() -> pipelines.start(pipeline(PASS, "out", "one"), () -> numbers(true))).isInstanceOf(IOException.class)
                .hasMessageContaining("'adding' was changed, and what it had gathered before cannot be brought to its end");
    }
}
