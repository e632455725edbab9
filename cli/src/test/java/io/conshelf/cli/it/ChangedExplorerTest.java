package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.value.Value;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A pipeline whose destination is changed while a batch is uploaded and the cluster has not been told of it: the rows are somewhere afterwards, once.
class ChangedExplorerTest {
    private static final String DATABASE = "Plant";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private Server server;
    private QueueingGateway gateway;
    private KustoCluster cluster;
    private Pipelines pipelines;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of(DATABASE)));
        gateway = QueueingGateway.to(server.port());
        cluster = KustoCluster.connect(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of()).resolve("https://lab.westeurope.kusto.windows.net"),
                new KustoCredential.None());
        Endpoints through = Endpoints.embedded(URI.create("http://127.0.0.1:" + gateway.port()), List.of());
        pipelines = Pipelines.open(new RunPlace("test", through, new KustoCredential.None(), _ -> Optional.of("secret"), FolderAccess.ANY, folder.resolve("state")), List.of());
        table("Before");
        table("After");
    }

    @AfterEach
    void stop() throws Exception {
        pipelines.close();
        cluster.close();
        gateway.close();
        server.close();
    }

    private void table(String name) throws Exception {
        command(".create table " + name + " (n:long, half:real)");
        command(".alter table " + name + " policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```");
    }

    private void command(String command) throws Exception {
        cluster.command(DATABASE, command, LIMIT);
    }

    private PipelineDefinition pipeline(String table, String columns) throws Exception {
        return Definitions.read("halves.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "format": {"type": "json"}, "partitionCount": 1, "next": ["output"]},
                 "stages": {"output": {"type": "output/dataexplorer@v1", "clusterUrl": "https://lab.westeurope.kusto.windows.net", "database": "%s", "table": "%s",
                   "authentication": {"type": "servicePrincipal", "tenantId": "t", "clientId": "c", "clientSecret": "s"}, "batch": {"time": "1s"}, "columns": [%s]}}}
                """.formatted(DATABASE, table, columns)).pipelines().getFirst();
    }

    private PipelineDefinition toFile() throws Exception {
        return Definitions.read("halves.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "format": {"type": "json"}, "partitionCount": 1, "next": ["output"]},
                 "stages": {"output": {"type": "output/file@v1", "rootDirectory": "%s", "format": {"type": "json"}, "batch": {"time": "1s"}}}}
                """.formatted(folder.resolve("written"))).pipelines().getFirst();
    }

    private static final String BOTH = "{\"name\": \"n\"}, {\"name\": \"half\"}";

    /// Gives this message, and then nothing more until it is stopped, or at once.
    private static Source message(String json, boolean isEnding) {
        Deque<String> left = new ArrayDeque<>(List.of(json));
        return new Source() {
            @Override
            public List<Arrival> next() throws InterruptedException {
                if (left.isEmpty() && !isEnding) {
                    Thread.currentThread().join();
                }
                LinkedHashMap<String, Value> envelope = new LinkedHashMap<>();
                envelope.put("topic", Value.of("a"));
                return left.isEmpty() ? List.of() : List.of(new Arrival(left.remove().getBytes(StandardCharsets.UTF_8), envelope, Delivery.ONCE));
            }

            @Override
            public void close() {}
        };
    }

    /// Ends when rows are uploaded and no message of the queue says so.
    private void uploadOnly() throws Exception {
        gateway.queueing(false);
        PipelineRun run = pipelines.start(pipeline("Before", BOTH), () -> message("{\"n\": 1, \"half\": 0.5}", false));
        assertThat(Eventually.holds(() -> run.counts().checkpointBytes() > 0, Boolean::booleanValue)).as("%s", run.counts().told()).isTrue();
        run.breakOff();
        assertThat(run.await(LIMIT)).isTrue();
        gateway.queueing(true);
    }

    private PipelineRun change(String table, String columns) throws Exception {
        PipelineRun run = pipelines.start(pipeline(table, columns), () -> message("{\"n\": 2, \"half\": 1}", true));
        assertThat(run.await(LIMIT.multipliedBy(2))).as("%s", run.counts().told()).isTrue();
        assertThat(run.failure()).isEmpty();
        return run;
    }

    private List<String> rows(String table, int count) {
        return Eventually.holds(() -> {
            List<String> rows = new ArrayList<>();
            try (RowReader reader = cluster.query(DATABASE, table + " | order by n asc", new QueryOptions(LIMIT, false))) {
                for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                    rows.add(row.get().toString());
                }
            } catch (Exception failure) {
                throw new IllegalStateException(failure);
            }
            return rows;
        }, rows -> rows.size() >= count);
    }

    @Test
    void rowsThatWereUploadedGoToTheTableThatTheyWereMeantFor() throws Exception {
        uploadOnly();
        change("After", BOTH);
        assertThat(rows("Before", 1)).containsExactly("[1, 0.5]");
        assertThat(rows("After", 1)).containsExactly("[2, 1.0]");
    }

    @Test
    void rowsForATableThatIsGoneGoToTheOneThatIsThereNow() throws Exception {
        uploadOnly();
        command(".drop table Before");
        PipelineRun run = change("After", BOTH);
        assertThat(rows("After", 2)).containsExactly("[1, 0.5]", "[2, 1.0]");
        assertThat(run.deadLetterFiles()).isEmpty();
        assertThat(run.counts().told().toString()).contains("FinalError", "Before");
        assertThat(files("staged-", "left-")).isEmpty();
    }

    @Test
    void rowsForATableThatIsGoneAreLeftAsideWhereTheOneThatIsThereNowHasOtherColumns() throws Exception {
        uploadOnly();
        command(".drop table Before");
        PipelineRun run = change("After", "{\"name\": \"n\"}");
        assertThat(rows("After", 1)).containsExactly("[2, null]");
        List<Path> left = files("left-");
        assertThat(left).singleElement().satisfies(file -> assertThat(file).content().contains("0.5"));
        assertThat(run.deadLetterFiles()).singleElement().satisfies(file -> assertThat(file).content()
                .contains("\"code\":\"FinalError\"", left.getFirst().toString(), "\"table\":\"Before\"", "\"columns\":[\"n\",\"half\"]"));
    }

    @Test
    void aBatchThatIsQueuedIsLeftAsideWhereAnotherTypeOfDestinationIsThereNow() throws Exception {
        uploadOnly();
        PipelineRun run = pipelines.start(toFile(), () -> message("{\"n\": 2, \"half\": 1}", true));
        assertThat(run.await(LIMIT.multipliedBy(2))).as("%s", run.counts().told()).isTrue();
        assertThat(run.failure()).isEmpty();
        List<Path> left = files("left-");
        assertThat(left).singleElement().satisfies(file -> assertThat(file).content().contains("0.5"));
        assertThat(run.deadLetterFiles()).singleElement().satisfies(file -> assertThat(file).content()
                .contains("\"code\":\"StatusUnknown\"", left.getFirst().toString(), "\"table\":\"Before\""));
        assertThat(files("queued-")).isEmpty();
    }

    private List<Path> files(String... beginnings) throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve("state/pipelines/halves"))) {
            return files.filter(file -> Stream.of(beginnings).anyMatch(file.getFileName().toString()::startsWith)).toList();
        }
    }
}
