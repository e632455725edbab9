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
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Events through brokers of Kafka and MQTT into a job that is killed on the way, and from there into tables: what is there then is what KQL computes of the
/// events themselves. `-Dconshelf.full=true` does so with a million events.
class LiveJobTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final boolean IS_FULL = Boolean.getBoolean("conshelf.full");
    private static final int EVENTS = IS_FULL ? 1_000_000 : 40_000;
    private static final long STEP_MICROS = IS_FULL ? 1_000 : 10_000;
    private static final int SHUFFLED = 200;
    /// Half of them go through Mosquitto, which has at most four portions for the job at any time: version 2.0 sends more than the 65,535 messages that MQTT has
    /// numbers for when more are waiting. A portion is longer than the 30 seconds of events that the job holds back.
    private static final int PORTION = 32_000;
    private static final Duration LIMIT = IS_FULL ? Duration.ofMinutes(20) : Duration.ofMinutes(3);

    @TempDir
    Path folder;

    /// So that all are before now.
    private final Instant begin = Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.SECONDS);

    @Test
    void noWindowIsMissingOrDoubledWhenTheJobIsKilled() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
                KustoCluster cluster = connect(server);
                KafkaBroker kafka = KafkaBroker.start(folder);
                Mosquitto mosquitto = Mosquitto.start(folder);
                Senders senders = new Senders(kafka, mosquitto)) {
            tables(cluster);
            String url = "http://127.0.0.1:" + server.port();
            try (JobProcess first = new JobProcess("everything", url, kafka, mosquitto)) {
                first.await(told -> told.path("state").asText().equals("Running"));
                inPortions(senders, first, cluster, 0, EVENTS / 2);
                first.await(told -> count(cluster, "Lags") > EVENTS / 8);
            }

            // what the first has read of them it may be given again
            int read = senders.hostile;
            int away = Math.min(EVENTS, EVENTS / 2 + PORTION);
            senders.send(EVENTS / 2, away);
            try (JobProcess second = new JobProcess("continue", url, kafka, mosquitto)) {
                inPortions(senders, second, cluster, away, EVENTS);
                senders.last();
                second.await(told -> count(cluster, "Lags") >= EVENTS && count(cluster, "Averages") >= windows(cluster));
                compare(cluster);
                JsonNode told = second.await(now -> senders.areTold(now, read));
                Senders.BROKEN.forEach((error, count) -> assertThat(told.at("/errors").path(error).asLong()).as(error).isLessThanOrEqualTo(senders.hostile * count));
                assertThat(told.path("state").asText()).isEqualTo("Running");
            }
        }
    }

    private static void inPortions(Senders senders, JobProcess job, KustoCluster cluster, int from, int to) throws Exception {
        for (int begin = from; begin < to; begin += PORTION) {
            int enough = begin - PORTION;
            job.await(_ -> count(cluster, "Lags") > enough);
            senders.send(begin, Math.min(to, begin + PORTION));
        }
    }

    private static KustoCluster connect(Server server) throws StoreException {
        return KustoCluster.connect(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of()).resolve(
                "https://lab.westeurope.kusto.windows.net"), new KustoCredential.None());
    }

    private void tables(KustoCluster cluster) throws StoreException {
        command(cluster, ".create table Averages (device:string, windowEnd:datetime, average:real, readings:long)");
        command(cluster, ".create table Lags (device:string, number:long, before:long)");
        command(cluster, """
                .set Readings <| range number from 0 to %d step 1
                | extend device = strcat('d', (number / 3) %% 50), value = (number * 7919) %% 1000, at = datetime(%s) + number * %dmicrosecond
                """.formatted(EVENTS - 1, begin, STEP_MICROS));
    }

    private static void command(KustoCluster cluster, String command) throws StoreException {
        cluster.command("Lab", command, Duration.ofMinutes(5));
    }

    /// What is in the tables, and what KQL makes of the readings.
    private static void compare(KustoCluster cluster) throws StoreException {
        String expected = "Readings | summarize average = avg(value), readings = count() by device, windowEnd = bin(at - 1tick, 10s) + 10s";
        assertThat(difference(cluster, expected, "Averages | where device != 'last'", "device, windowEnd, average, readings")).isEmpty();
        String lags = "Readings | sort by device asc, at asc | extend before = iff(prev(device) == device, prev(number), long(null)) | project device, number, before";
        assertThat(difference(cluster, lags, "Lags | where device != 'last'", "device, number, before")).isEmpty();
    }

    /// Rows that are in one of the two alone, or not as often in both.
    private static List<String> difference(KustoCluster cluster, String expected, String found, String columns) throws StoreException {
        return query(cluster, "union (%s | extend side = 1), (%s | extend side = -1) | summarize sum(side), count() by %s | where sum_side != 0 | take 10"
                .formatted(expected, found, columns));
    }

    private static long windows(KustoCluster cluster) {
        return number(cluster, "Readings | summarize by device, bin(at - 1tick, 10s) | count");
    }

    private static long count(KustoCluster cluster, String table) {
        return number(cluster, table + " | where device != 'last' | count");
    }

    private static long number(KustoCluster cluster, String query) {
        try {
            return Long.parseLong(query(cluster, query).getFirst().replaceAll("[\\[\\]]", ""));
        } catch (StoreException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> query(KustoCluster cluster, String query) throws StoreException {
        List<String> rows = new ArrayList<>();
        try (RowReader reader = cluster.query("Lab", query, new QueryOptions(Duration.ofMinutes(5), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                rows.add(row.get().toString());
            }
        }
        return rows;
    }

    /// Every other event goes through MQTT, a little out of order, with broken ones in between.
    private final class Senders implements AutoCloseable {
        private static final int BATCH = 2_000;

        /// What the hostile ones are each time: six errors of five that are no objects, nest too deep or are in another encoding, of which one is in two parts; four whose
        /// time is none. The empty one is nothing.
        private static final Map<String, Long> BROKEN = Map.of("kafka InputDeserializerError.InvalidData", 6L, "mqtt InputDeserializerError.InvalidData", 6L,
                "kafka InvalidInputTimeStamp", 4L, "mqtt InvalidInputTimeStamp", 4L);

        /// How often the hostile ones were sent.
        private int hostile;

        private final KafkaProducer<byte[], byte[]> producer;
        private final MqttSender sender;

        Senders(KafkaBroker kafka, Mosquitto mosquitto) throws Exception {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
                admin.createTopics(List.of(new NewTopic("readings", 2, (short) 1))).all().get();
            }
            producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.address(), "acks", "all", "linger.ms", "20"), new ByteArraySerializer(),
                    new ByteArraySerializer());
            sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "sender");
        }

        void send(int from, int to) throws StoreException {
            hostile++;
            hostile().forEach(bytes -> producer.send(new ProducerRecord<>("readings", 0, null, bytes)));
            sender.send(hostile().stream().map(bytes -> MqttMessage.of("readings/broken", bytes, Quality.AT_LEAST_ONCE)).toList());
            Random random = new Random(from);
            List<MqttMessage> waiting = new ArrayList<>();
            for (int block = from; block < to; block += SHUFFLED) {
                List<Integer> numbers = new ArrayList<>();
                for (int number = block; number < Math.min(to, block + SHUFFLED); number++) {
                    numbers.add(number);
                }
                Collections.shuffle(numbers, random);
                for (int number : numbers) {
                    byte[] event = event(number);
                    if (number % 2 == 0) {
                        waiting.add(MqttMessage.of("readings/" + number % 7, event, Quality.AT_LEAST_ONCE));
                    } else {
                        producer.send(new ProducerRecord<>("readings", number / 2 % 2, null, event));
                    }
                }
                if (waiting.size() >= BATCH) {
                    sender.send(waiting);
                    waiting.clear();
                }
            }
            sender.send(waiting);
            producer.flush();
        }

        /// Whether as many errors have been found as there are in what was sent since.
        boolean areTold(JsonNode told, int before) {
            return BROKEN.entrySet().stream().allMatch(error -> told.path("errors").path(error.getKey()).asLong() >= (hostile - before) * error.getValue());
        }

        /// Far behind the others: time passes them.
        void last() throws StoreException {
            byte[] event = text("last", -1, 0, begin.plus(Duration.ofMinutes(50)));
            producer.send(new ProducerRecord<>("readings", 0, null, event));
            producer.send(new ProducerRecord<>("readings", 1, null, event));
            producer.flush();
            sender.send(List.of(MqttMessage.of("readings/last", event, Quality.AT_LEAST_ONCE)));
        }

        private byte[] event(int number) {
            return text("d" + number / 3 % 50, number, number * 7919L % 1000, begin.plus(number * STEP_MICROS, ChronoUnit.MICROS));
        }

        private byte[] text(String device, int number, long value, Instant at) {
            return "{\"device\":\"%s\",\"number\":%d,\"value\":%d,\"at\":\"%s\"}".formatted(device, number, value, at).getBytes(StandardCharsets.UTF_8);
        }

        /// Not JSON, wrong types, huge, nested 10,000 deep, wrong encoding, times of the years 0 and 99999.
        private List<byte[]> hostile() {
            return List.of("no JSON at all".getBytes(StandardCharsets.UTF_8),
                    "{\"device\":\"x\",\"at\":{\"a\":1}}".getBytes(StandardCharsets.UTF_8),
                    "[1,2,3]".getBytes(StandardCharsets.UTF_8),
                    ("{\"device\":\"" + "x".repeat(500_000) + "\",\"at\":true}").getBytes(StandardCharsets.UTF_8),
                    ("{\"device\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}").getBytes(StandardCharsets.UTF_8),
                    "{\"device\":\"x\",\"at\":\"2024-01-01\"}".getBytes(StandardCharsets.UTF_16),
                    new byte[] {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'},
                    "{\"device\":\"x\",\"at\":\"0000-01-01T00:00:00Z\"}".getBytes(StandardCharsets.UTF_8),
                    "{\"device\":\"x\",\"at\":\"99999-01-01T00:00:00Z\"}".getBytes(StandardCharsets.UTF_8),
                    new byte[0]);
        }

        @Override
        public void close() {
            producer.close();
            sender.close();
        }
    }

    /// The job, in a process that can be killed.
    private final class JobProcess implements AutoCloseable {
        private final Process process;
        private final AtomicReference<JsonNode> told = new AtomicReference<>(JSON.createObjectNode());

        JobProcess(String mode, String url, KafkaBroker kafka, Mosquitto mosquitto) throws IOException {
            process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g", "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"), LiveJobProcess.class.getName(),
                    folder.resolve("job").toString(), url, kafka.address(), Integer.toString(mosquitto.port()), mode)
                    .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("job.log").toFile())).start();
            Thread.ofVirtual().start(() -> {
                try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        told.set(JSON.readTree(line));
                    }
                } catch (IOException ended) {
                    // killed
                }
            });
        }

        JsonNode await(Predicate<JsonNode> condition) throws Exception {
            Instant end = Instant.now().plus(LIMIT);
            while (!condition.test(told.get())) {
                assertThat(process.isAlive()).as(() -> "the job runs; it told %s; its log: %s".formatted(told.get(), log())).isTrue();
                assertThat(Instant.now()).as(() -> "in time; the job told %s; its log: %s".formatted(told.get(), log())).isBefore(end);
                process.waitFor(Duration.ofMillis(200));
            }
            return told.get();
        }

        private String log() {
            try {
                String log = Files.readString(folder.resolve("job.log"));
                return log.lines().filter(line -> !line.startsWith("INFO") && !line.matches("\\w{3} \\d\\d, .*")).limit(100).reduce("", (a, b) -> a + '\n' + b);
            } catch (IOException e) {
                return e.toString();
            }
        }

        /// As a crash ends it.
        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
