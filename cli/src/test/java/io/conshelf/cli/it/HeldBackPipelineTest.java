package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.PipelineRun.State;
import io.conshelf.processor.run.Pipelines;
import io.conshelf.processor.run.RunPlace;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cluster that takes batches and does not come to ingest them: the pipeline follows only so many, the broker keeps what comes meanwhile, and in the end the
/// table has every message once.
class HeldBackPipelineTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int BATCHES_MAX = 6;
    private static final int MESSAGES = 20_000;
    /// Enough for 20,000 messages to come meanwhile on a machine that is busy.
    private static final int HELD_SECONDS = 45;
    private static final int PORTION = 1_000;
    /// What Mosquitto hands out before the first of it is acknowledged.
    private static final int UNDERWAY_MAX = 10_000;

    @TempDir
    Path folder;

    private Server server;
    private Mosquitto mosquitto;
    private KustoCluster cluster;
    private MqttSender sender;
    private QueueingGateway gateway;
    private Pipelines pipelines;
    private int sent;
    private int filesMost;

    @BeforeEach
    void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Plant")));
        mosquitto = Mosquitto.startDurable(Files.createDirectory(folder.resolve("broker")));
        gateway = QueueingGateway.to(server.port());
        gateway.queueing(true);
        cluster = KustoCluster.connect(endpoints(server.port()).resolve("https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
        sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machines");
        Following few = new Following(BATCHES_MAX, Long.MAX_VALUE, Duration.ofMinutes(35), Duration.ofSeconds(1));
        pipelines = Pipelines.open(new RunPlace("test", endpoints(gateway.port()), new KustoCredential.None(), Secrets.NONE, FolderAccess.ANY,
                folder.resolve("state")).with(few), List.of());
        command(".create table T (n:long)");
    }

    private static Endpoints endpoints(int port) {
        return Endpoints.embedded(URI.create("http://127.0.0.1:" + port), List.of());
    }

    @AfterEach
    void stop() throws Exception {
        pipelines.close();
        sender.close();
        cluster.close();
        gateway.close();
        mosquitto.close();
        server.close();
    }

    private void command(String command) throws Exception {
        cluster.command("Plant", command, LIMIT);
    }

    private PipelineDefinition pipeline() throws Exception {
        return Definitions.read("held.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://127.0.0.1:%d", "topics": ["plant/#"], "qos": 1, "cleanSession": false, "format": {"type": "json"},
                   "partitionCount": 1, "partitionStrategy": {"type": "id", "expression": "0"}, "next": ["output"]},
                 "stages": {"output": {"type": "output/dataexplorer@v1", "clusterUrl": "https://lab.westeurope.kusto.windows.net", "database": "Plant", "table": "T",
                   "authentication": {"type": "managedIdentity"}, "batch": {"time": "50ms"}, "columns": [{"name": "n"}]}}}
                """.formatted(mosquitto.port())).pipelines().getFirst();
    }

    private PipelineRun started() throws Exception {
        PipelineRun run = pipelines.start(pipeline());
        assertThat(Eventually.holds(run::state, state -> state == State.RUNNING)).isEqualTo(State.RUNNING);
        return run;
    }

    private void send(int until) throws Exception {
        while (sent < until) {
            List<MqttMessage> messages = new ArrayList<>();
            for (int end = Math.min(until, sent + PORTION); sent < end; sent++) {
                messages.add(MqttMessage.of("plant/a", ("{\"n\": " + sent + "}").getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE));
            }
            sender.send(messages);
        }
    }

    private List<String> files() {
        try (Stream<Path> files = Files.list(folder.resolve("state/pipelines/held"))) {
            List<String> queued = files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("queued-") || name.startsWith("left-")).toList();
            filesMost = Math.max(filesMost, (int) queued.stream().filter(name -> name.endsWith(".json")).count());
            return queued;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Sends until as many batches wait for the cluster as may.
    private void hold(PipelineRun run) throws Exception {
        gateway.later(HELD_SECONDS);
        while (run.counts().awaited() < BATCHES_MAX && sent < MESSAGES / 2) {
            send(sent + 50);
            files();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        assertThat(run.counts().awaited()).as("%s", run.counts().told()).isEqualTo(BATCHES_MAX);
    }

    private void awaitAll(PipelineRun run) {
        String all = "[%d,%d]".formatted(MESSAGES, MESSAGES);
        assertThat(Eventually.holds(() -> {
            files();
            return query("T | summarize count(), count_distinct(n)");
        }, all::equals)).as("%s", run.counts().told()).isEqualTo(all);
        assertThat(Eventually.holds(this::files, List::isEmpty)).isEmpty();
    }

    private static void end(PipelineRun run) throws Exception {
        run.stop();
        assertThat(run.await(LIMIT)).isTrue();
        assertThat(run.state()).isEqualTo(State.STOPPED);
        assertThat(run.deadLetterFiles()).isEmpty();
    }

    @Test
    void theBrokerKeepsWhatComesWhileTheClusterIngestsNothing() throws Exception {
        PipelineRun run = started();
        hold(run);
        long acknowledged = run.counts().acknowledged();
        send(MESSAGES);
        assertThat(Eventually.holds(run::waiting, waiting -> waiting > 0)).isPositive();
        assertThat(run.counts().awaited()).isEqualTo(BATCHES_MAX);
        assertThat(run.counts().acknowledged()).as("nothing more is taken").isEqualTo(acknowledged);
        assertThat(run.counts().received() - acknowledged).isLessThanOrEqualTo(UNDERWAY_MAX);
        gateway.later(0);
        awaitAll(run);
        assertThat(filesMost).isLessThanOrEqualTo(BATCHES_MAX);
        assertThat(run.counts().awaited()).isZero();
        end(run);
    }

    @Test
    void alsoWhereItIsBrokenOffMeanwhileNothingIsLostOrDoubled() throws Exception {
        PipelineRun first = started();
        hold(first);
        first.breakOff();
        assertThat(first.await(LIMIT)).isTrue();
        send(MESSAGES);
        PipelineRun second = started();
        assertThat(Eventually.holds(() -> second.counts().awaited(), awaited -> awaited > 0)).as("%s", second.counts().told()).isGreaterThanOrEqualTo(BATCHES_MAX);
        gateway.later(0);
        awaitAll(second);
        assertThat(filesMost).as("one that was queued when it was broken off").isLessThanOrEqualTo(BATCHES_MAX + 1);
        end(second);
    }

    private String query(String kql) {
        StringBuilder rows = new StringBuilder();
        try (RowReader reader = cluster.query("Plant", kql, new QueryOptions(LIMIT, false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.append(JSON.writeValueAsString(row.get()));
            }
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
        return rows.toString();
    }
}
