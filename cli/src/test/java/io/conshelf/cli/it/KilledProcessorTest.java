package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages through a broker into a pipeline that is killed three times, while the broker is restarted once: of every message the table has what it is to have,
/// once. `-Dconshelf.full=true` does so with a million messages.
class KilledProcessorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final boolean IS_FULL = Boolean.getBoolean("conshelf.full");
    private static final int MESSAGES = IS_FULL ? 1_000_000 : 40_000;
    /// As many are under way at most: of more than MQTT has numbers for, Mosquitto 2.0 loses count.
    private static final int AHEAD = IS_FULL ? 60_000 : 10_000;
    private static final int PORTION = AHEAD / 4;
    private static final Duration LIMIT = IS_FULL ? Duration.ofMinutes(20) : Duration.ofMinutes(4);

    @TempDir
    Path folder;

    @Test
    void everyMessageIsInTheTableOnce() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withDatabases(List.of("plant")));
                KustoCluster cluster = connect(server);
                Mosquitto mosquitto = Mosquitto.startDurable(folder);
                Senders senders = new Senders(mosquitto)) {
            command(cluster, ".create table Totals (samples:long, device:string, numbers:dynamic, total:long, least:long, most:long)");
            command(cluster, ".alter table Totals policy ingestionbatching ```{\"MaximumNumberOfItems\": 1}```");
            Path pipeline = pipeline(mosquitto.port());
            Instant began = Instant.now();
            ProcessorProcess process = start(pipeline, server);
            try {
                subscribed(process);
                int sent = 0;
                for (int kill = 1; kill <= 4; kill++) {
                    int until = MESSAGES / 4 * kill;
                    // a portion is under way when it is killed
                    sent = send(senders, cluster, process, sent, until);
                    if (kill == 3) {
                        mosquitto.restart();
                        senders.reconnect();
                    }
                    if (kill < 4) {
                        process.kill();
                        process = start(pipeline, server);
                    }
                }
                ProcessorProcess last = process;
                await(last, () -> samples(cluster) >= passing());
                double seconds = Duration.between(began, Instant.now()).toMillis() / 1000.0;
                System.err.printf("%,d messages, three kills and a restart of the broker in %.1f s: %.0f messages/s%n", MESSAGES, seconds, MESSAGES / seconds);
                assertThat(query(cluster, """
                        Totals | summarize samples = sum(samples), total = sum(total), least = min(least), most = max(most) by device
                        | join kind=fullouter (%s | summarize samples = count(), total = sum(value), least = min(value), most = max(value) by device) on device
                        | where samples != samples1 or total != total1 or least != least1 or most != most1 or isempty(device) or isempty(device1)
                        """.formatted(expected()))).isEmpty();
                assertThat(query(cluster, """
                        Totals | mv-expand number = numbers to typeof(long) limit 10000000 | summarize times = count() by number
                        | join kind=fullouter (%s | project expected = number) on $left.number == $right.expected | where times != 1 or isnull(number) or isnull(expected)
                        | take 5
                        """.formatted(expected()))).isEmpty();
                JsonNode report = last.stop();
                assertThat(report.at("/pipelines/0/state").asText()).as(last.log()).isEqualTo("STOPPED");
            } finally {
                process.close();
            }
            assertThat(deadLetters()).isEqualTo(MESSAGES / 1_000);
        }
    }

    /// What the messages hold that come through.
    private static String expected() {
        return "range number from 0 to %d step 1 | extend device = strcat('d', number %% 37), value = (number * 7919) %% 1000 | where value >= 100 and number %% 1000 != 999"
                .formatted(MESSAGES - 1);
    }

    private static long passing() {
        long passing = 0;
        for (long number = 0; number < MESSAGES; number++) {
            passing += isPassing(number) ? 1 : 0;
        }
        return passing;
    }

    private static boolean isPassing(long number) {
        return number * 7919 % 1000 >= 100 && number % 1000 != 999;
    }

    private static byte[] payload(int number) {
        String text = number % 1000 == 999 ? "{\"n\": " + number : "{\"n\": %d, \"device\": \"d%d\", \"value\": %d, \"unit\": \"bar\", \"tags\": [\"a\", {\"b\": null}]}".formatted(
                number, number % 37, number * 7919L % 1000);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path pipeline(int port) throws IOException {
        return Files.writeString(folder.resolve("totals.json"), """
                {
                  "type": "Microsoft.IoTOperationsDataProcessor/instances/pipelines",
                  "apiVersion": "2023-10-04-preview",
                  "name": "totals",
                  "location": "westus3",
                  "extendedLocation": {"type": "CustomLocation", "name": "plant"},
                  "properties": {
                    "enabled": true,
                    "input": {
                      "type": "input/mqtt@v1", "displayName": "machines", "broker": "tcp://127.0.0.1:%d", "qos": 1, "cleanSession": false, "topics": ["plant/#"],
                      "authentication": {"type": "none"}, "format": {"type": "json"},
                      "partitionCount": 2, "partitionStrategy": {"type": "key", "expression": ".topic"}, "next": ["shape"]
                    },
                    "stages": {
                      "shape": {"displayName": "shape", "type": "processor/transform@v1", "expression": ".payload |= {n, device, value, double: (.value * 2)}", "next": ["big"]},
                      "big": {"displayName": "big", "type": "processor/filter@v1", "expression": ".payload.double >= 200", "next": ["second"]},
                      "second": {"displayName": "each second", "type": "processor/aggregate@v1", "window": {"type": "tumbling", "size": "1s"}, "properties": [
                        {"function": "count", "inputPath": ".payload.n", "outputPath": ".payload.samples"},
                        {"function": "last", "inputPath": ".payload.device", "outputPath": ".payload.device"},
                        {"function": "collect", "inputPath": ".payload.n", "outputPath": ".payload.numbers"},
                        {"function": "sum", "inputPath": ".payload.value", "outputPath": ".payload.total"},
                        {"function": "min", "inputPath": ".payload.value", "outputPath": ".payload.least"},
                        {"function": "max", "inputPath": ".payload.value", "outputPath": ".payload.most"}], "next": ["output"]},
                      "output": {"displayName": "totals", "type": "output/dataexplorer@v1", "clusterUrl": "https://lab.westeurope.kusto.windows.net", "database": "plant",
                        "table": "Totals", "authentication": {"type": "managedIdentity"}, "batch": {"time": "1s", "path": ".payload"},
                        "columns": [{"name": "device"}, {"name": "samples"}, {"name": "total"}, {"name": "least"}, {"name": "most"}, {"name": "numbers"}]}
                    }
                  }
                }
                """.formatted(port));
    }

    private ProcessorProcess start(Path pipeline, Server server) throws IOException {
        return ProcessorProcess.start(folder, pipeline.toString(), "--cluster", "http://127.0.0.1:" + server.port(), "--state", folder.resolve("state").toString());
    }

    /// What is sent before anybody has subscribed, nobody is given.
    private void subscribed(ProcessorProcess process) {
        await(process, () -> process.log().contains("totals running"));
    }

    private int send(Senders senders, KustoCluster cluster, ProcessorProcess process, int from, int to) throws Exception {
        for (int begin = from; begin < to; begin += PORTION) {
            long enough = Math.max(0, begin - AHEAD) * 8L / 10;
            await(process, () -> samples(cluster) >= enough);
            senders.send(begin, Math.min(to, begin + PORTION));
        }
        return to;
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(ProcessorProcess process, Condition condition) {
        Instant limit = Instant.now().plus(LIMIT);
        try {
            while (!condition.holds()) {
                assertThat(process.isAlive()).as("it runs; %s", process.log()).isTrue();
                assertThat(Instant.now()).as("it comes in time; %s", process.log()).isBefore(limit);
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
        } catch (RuntimeException | Error failed) {
            throw failed;
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private static long samples(KustoCluster cluster) throws Exception {
        List<String> rows = query(cluster, "Totals | summarize sum(samples)");
        String number = rows.isEmpty() ? "0" : rows.getFirst().replaceAll("[^0-9]", "");
        return number.isEmpty() ? 0 : Long.parseLong(number);
    }

    private long deadLetters() throws IOException {
        long count = 0;
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            for (Path file : files.filter(one -> one.getFileName().toString().startsWith("dead-letters")).toList()) {
                count += Files.readAllLines(file).size();
            }
        }
        return count;
    }

    private static KustoCluster connect(Server server) throws StoreException {
        return KustoCluster.connect(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of()).resolve(
                "https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    private static void command(KustoCluster cluster, String command) throws StoreException {
        cluster.command("plant", command, Duration.ofMinutes(1));
    }

    private static List<String> query(KustoCluster cluster, String kql) throws Exception {
        List<String> rows = new ArrayList<>();
        try (RowReader reader = cluster.query("plant", kql, new QueryOptions(Duration.ofMinutes(5), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(JSON.writeValueAsString(row.get()));
            }
        }
        return rows;
    }

    /// Publishes as machines do.
    private static final class Senders implements AutoCloseable {
        private final Mosquitto mosquitto;
        private MqttSender sender;

        Senders(Mosquitto mosquitto) throws StoreException {
            this.mosquitto = mosquitto;
            reconnect();
        }

        void reconnect() throws StoreException {
            close();
            sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "machines");
        }

        void send(int from, int to) throws StoreException {
            List<MqttMessage> messages = new ArrayList<>();
            for (int number = from; number < to; number++) {
                messages.add(MqttMessage.of("plant/d" + number % 37, payload(number), Quality.AT_LEAST_ONCE));
                if (messages.size() == 1_000 || number == to - 1) {
                    sender.send(messages);
                    messages.clear();
                }
            }
        }

        @Override
        public void close() {
            if (sender != null) {
                sender.close();
            }
        }
    }
}
