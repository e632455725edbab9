package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttBroker.Certificate;
import io.conshelf.connectors.mqtt.MqttBroker.Version;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttMessage.Retain;
import io.conshelf.connectors.mqtt.MqttSender;
import io.conshelf.connectors.mqtt.MqttSubscription;
import io.conshelf.connectors.mqtt.MqttSubscription.Received;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.StreamJobs;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Subscriptions at a real broker, closed and opened again where checkpoints were.
class MqttInputTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    static Path folder;

    private static Mosquitto mosquitto;
    private static MqttSender sender;

    @BeforeAll
    static void begin() throws Exception {
        mosquitto = Mosquitto.start(folder);
        sender = MqttSender.open(MqttBroker.open("127.0.0.1", mosquitto.port()), "sender");
    }

    @AfterAll
    static void end() {
        if (sender != null) {
            sender.close();
        }
        if (mosquitto != null) {
            mosquitto.close();
        }
    }

    private static MqttBroker broker(Version version) {
        return MqttBroker.open("127.0.0.1", mosquitto.port()).with(version);
    }

    private static void send(String topic, Collection<String> payloads) throws StoreException {
        sender.send(payloads.stream().map(payload -> MqttMessage.of(topic, payload.getBytes(StandardCharsets.UTF_8), Quality.EXACTLY_ONCE)).toList());
    }

    /// What a job does with a subscription: it goes on with what its last complete checkpoint holds.
    private static final class Reader implements AutoCloseable {
        private final MqttBroker broker;
        private final MqttSubscription.Settings settings;
        private final List<String> given = new ArrayList<>();
        private MqttSubscription subscription;
        private byte[] complete = new byte[0];
        private int completeCount;

        Reader(MqttBroker broker, String topic, Quality quality) throws StoreException {
            this(broker, topic, quality, "reader of " + topic);
        }

        Reader(MqttBroker broker, String topic, Quality quality, String client) throws StoreException {
            this.broker = broker;
            this.settings = new MqttSubscription.Settings(client, topic, quality, Duration.ofDays(1));
            this.subscription = MqttSubscription.open(broker, settings, complete);
        }

        Reader until(Predicate<List<String>> condition) throws Exception {
            Instant end = Instant.now().plus(LIMIT);
            while (!condition.test(given)) {
                assertThat(Instant.now()).as("in time; given: %s", given).isBefore(end);
                poll();
            }
            return this;
        }

        void poll() throws Exception {
            for (Received received : subscription.poll(Duration.ofMillis(50))) {
                given.add(new String(received.message().payload(), StandardCharsets.UTF_8));
            }
        }

        Reader checkpoint() {
            complete = subscription.resume();
            completeCount = given.size();
            subscription.acknowledge(complete);
            return this;
        }

        Reader breakOff() throws StoreException {
            subscription.close();
            given.subList(completeCount, given.size()).clear();
            subscription = MqttSubscription.open(broker, settings, complete);
            return this;
        }

        @Override
        public void close() {
            subscription.close();
        }
    }

    @Test
    void aMessageThatSaysTheSameAsOneBeforeIsNotTakenForItsRepeat() throws Exception {
        try (Reader reader = new Reader(broker(Version.V5), "same", Quality.AT_LEAST_ONCE)) {
            send("same", List.of("1", "1", "1"));
            reader.until(given -> given.size() == 3).checkpoint().checkpoint().checkpoint();
            send("same", List.of("1", "1"));
            reader.until(given -> given.size() == 5).breakOff();
            send("same", List.of("last"));
            assertThat(reader.until(given -> given.contains("last")).given.stream().filter("1"::equals).count()).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void messagesThatSaySomethingElseEachAreGivenOnceWhereverItBreaksOff() throws Exception {
        for (int seed = 1; seed <= 6; seed++) {
            Version version = seed % 2 == 0 ? Version.V3_1_1 : Version.V5;
            Quality quality = seed % 3 == 0 ? Quality.EXACTLY_ONCE : Quality.AT_LEAST_ONCE;
            List<String> sent = new ArrayList<>();
            List<String> given = brokenOff("apart/" + seed, new Random(seed), version, quality, Integer::toString, sent);
            assertThat(given).as("seed %d", seed).isEqualTo(sent);
        }
    }

    @Test
    void noMessageIsLostWhateverTheySay() throws Exception {
        for (int seed = 1; seed <= 6; seed++) {
            Version version = seed % 2 == 0 ? Version.V3_1_1 : Version.V5;
            List<String> sent = new ArrayList<>();
            List<String> given = brokenOff("alike/" + seed, new Random(seed), version, Quality.AT_LEAST_ONCE, number -> number % 7 < 5 ? "a" : "b", sent);
            for (String each : List.of("a", "b")) {
                assertThat(given.stream().filter(each::equals).count()).as("%s of seed %d", each, seed)
                        .isGreaterThanOrEqualTo(sent.stream().filter(each::equals).count());
            }
        }
    }

    private static List<String> brokenOff(String topic, Random random, Version version, Quality quality, IntFunction<String> text, List<String> sent)
            throws Exception {
        try (Reader reader = new Reader(broker(version), topic, quality)) {
            for (int step = 0; step < 30; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        List<String> more = IntStream.range(sent.size(), sent.size() + 1 + random.nextInt(20)).mapToObj(text).toList();
                        send(topic, more);
                        sent.addAll(more);
                    }
                    case 2 -> {
                        int enough = random.nextInt(sent.size() + 1);
                        reader.until(given -> given.size() >= enough);
                    }
                    case 3 -> reader.checkpoint();
                    default -> reader.breakOff();
                }
            }
            send(topic, List.of("last"));
            sent.add("last");
            return reader.until(given -> given.contains("last")).given;
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void whatIsRetainedIsGivenWithTheFirstOpeningAlone(Version version) throws Exception {
        String topic = "retained/" + version;
        sender.send(List.of(new MqttMessage(topic, "kept".getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE, Retain.RETAINED, MqttMessage.Description.NONE, List.of())));
        try (Reader reader = new Reader(broker(version), topic, Quality.AT_LEAST_ONCE)) {
            reader.until(given -> given.size() == 1);
            send(topic, List.of("1"));
            reader.until(given -> given.size() == 2).checkpoint().checkpoint().breakOff();
            send(topic, List.of("2"));
            reader.until(given -> given.contains("2")).checkpoint().breakOff();
            send(topic, List.of("3"));
            assertThat(reader.until(given -> given.contains("3")).given).containsExactly("kept", "1", "2", "3");
        }
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void messagesComeInEveryQuality(Version version) throws Exception {
        for (Quality quality : Quality.values()) {
            String topic = "quality/" + version + quality;
            try (Reader reader = new Reader(broker(version), topic, quality)) {
                List<String> sent = IntStream.range(0, 3_000).mapToObj(Integer::toString).toList();
                send(topic, sent);
                assertThat(reader.until(given -> given.size() >= sent.size()).given).isEqualTo(sent);
            }
        }
    }

    @Test
    void membersOfASharedSubscriptionDivideTheMessages() throws Exception {
        String filter = "$share/one/shared/#";
        try (Reader one = new Reader(broker(Version.V5), filter, Quality.AT_LEAST_ONCE, "member1");
                Reader two = new Reader(broker(Version.V5), filter, Quality.AT_LEAST_ONCE, "member2")) {
            List<String> sent = IntStream.range(0, 200).mapToObj(Integer::toString).toList();
            send("shared/all", sent);
            one.until(given -> !given.isEmpty());
            two.until(given -> !given.isEmpty());
            one.until(given -> {
                poll(two);
                return given.size() + two.given.size() >= sent.size();
            });
            assertThat(Stream.concat(one.given.stream(), two.given.stream())).containsExactlyInAnyOrderElementsOf(sent);
        }
    }

    /// Jobs of one name that are kept in two places, each of which reads the input twice: whoever has the name of another at the broker puts it out.
    @Test
    void everyReaderOfAnInputGetsAllOfIt(@TempDir Path own) throws Exception {
        List<JobRunner> runners = new ArrayList<>();
        List<Path> written = new ArrayList<>();
        try {
            for (String place : List.of("one", "two")) {
                Path folder = Files.createDirectories(own.resolve(place));
                JobRunner runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder.resolve("jobs")).withCheckpoints(Duration.ofMillis(500)));
                runners.add(runner);
                RunningJob job = runner.start(twice(folder), new StartMode.Everything());
                assertThat(Eventually.holds(job::state, JobState.RUNNING::equals)).isEqualTo(JobState.RUNNING);
                written.addAll(List.of(folder.resolve("all.json"), folder.resolve("timed.json")));
            }
            List<String> sent = IntStream.range(0, 100).mapToObj(number -> "{\"n\":" + number + "}").toList();
            // retained, so that it comes whenever one is there
            sender.send(IntStream.range(0, 100).mapToObj(number -> new MqttMessage("read/" + number, "{\"n\":%d,\"at\":\"2026-01-01T00:00:00Z\"}"
                    .formatted(number).getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE, Retain.RETAINED, MqttMessage.Description.NONE, List.of())).toList());
            for (Path file : written) {
                assertThat(Eventually.holds(() -> lines(file), lines -> lines.size() >= 100)).as(file.toString()).containsExactlyInAnyOrderElementsOf(sent);
            }
        } finally {
            runners.forEach(JobRunner::close);
        }
    }

    private static StreamJob twice(Path folder) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Input input = new Input("mqtt", InputType.STREAM, json.valueToTree(Map.of("datasource", Map.of("type", Datasources.MQTT, "properties",
                Map.of("broker", "127.0.0.1:" + mosquitto.port(), "topicName", "read/+")), "serialization", Map.of("type", "Json"))));
        List<Output> outputs = Stream.of("all", "timed").map(name -> new Output(name, json.valueToTree(Map.of("datasource", Map.of("type", Datasources.FILE,
                "properties", Map.of("path", folder.resolve(name + ".json").toString())), "serialization", Map.of("type", "Json"))))).toList();
        JobDefinition definition = new JobDefinition("twice", """
                SELECT n INTO all FROM mqtt
                SELECT n INTO timed FROM mqtt TIMESTAMP BY at
                """, List.of(input), outputs, List.of(), JobDefinition.Policies.DEFAULT);
        List<String> obstacles = new ArrayList<>();
        StreamJob job = StreamJobs.bind("twice", ReadyJob.of(definition), io.conshelf.streams.run.Surroundings.free(URI.create("http://127.0.0.1:1"),
                io.conshelf.streams.run.Surroundings.Role.EMBEDDED, List.of(), folder), obstacles);
        assertThat(obstacles).isEmpty();
        return job;
    }

    private static EventInput input(int port, Map<String, Object> more) throws Exception {
        Map<String, Object> properties = new HashMap<>(Map.of("broker", "127.0.0.1:" + port, "topicName", "tried/+"));
        properties.putAll(more);
        Input input = new Input("mqtt", InputType.STREAM, new ObjectMapper().valueToTree(Map.of("datasource", Map.of("type", Datasources.MQTT, "properties", properties),
                "serialization", Map.of("type", "Json"))));
        JobDefinition job = new JobDefinition("tried", "", List.of(input), List.of(), List.of(), JobDefinition.Policies.DEFAULT);
        return new Inputs(job, io.conshelf.streams.run.Surroundings.free(URI.create("http://127.0.0.1:1"), io.conshelf.streams.run.Surroundings.Role.EMBEDDED, List.of(), folder))
                .of(input, List.of());
    }

    /// A job that reads under the name of the definition is not disturbed.
    @Test
    void anInputIsTriedAtItsBroker() throws Exception {
        try (Reader reader = new Reader(broker(Version.V5), "tried/1", Quality.AT_LEAST_ONCE)) {
            reader.poll();
            for (Map<String, Object> settings : List.<Map<String, Object>>of(Map.of("clientId", reader.settings.clientId()), Map.of("version", "3.1.1"),
                    Map.of("topicName", "$share/group/tried/+"))) {
                input(mosquitto.port(), settings).probe();
            }
            send("tried/1", List.of("1"));
            assertThat(reader.until(given -> !given.isEmpty()).given).containsExactly("1");
        }
        int nobody;
        try (java.net.ServerSocket closed = new java.net.ServerSocket(0)) {
            nobody = closed.getLocalPort();
        }
        assertThatThrownBy(() -> input(nobody, Map.of()).probe()).hasMessageContaining("127.0.0.1:" + nobody);
        assertThatThrownBy(() -> input(mosquitto.port(), Map.of("topicName", "wrong#filter")).probe()).hasMessageContaining("wrong#filter");
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void poll(Reader reader) {
        try {
            reader.poll();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBrokerIsReachedByTlsWhereItsCertificateIsTrusted(@TempDir Path own) throws Exception {
        ServerCertificate certificate = ServerCertificate.make(own);
        try (Mosquitto encrypted = Mosquitto.start(own, certificate)) {
            MqttBroker trusting = MqttBroker.open("127.0.0.1", encrypted.port()).with(new MqttBroker.Tls.On(certificate.pem(), Certificate.NONE));
            try (Reader reader = new Reader(trusting, "encrypted", Quality.AT_LEAST_ONCE); MqttSender sends = MqttSender.open(trusting, "sends")) {
                sends.send(List.of(MqttMessage.of("encrypted", "1".getBytes(StandardCharsets.UTF_8), Quality.AT_LEAST_ONCE)));
                assertThat(reader.until(given -> !given.isEmpty()).given).containsExactly("1");
            }
            MqttBroker doubting = MqttBroker.open("127.0.0.1", encrypted.port()).with(new MqttBroker.Tls.On("", Certificate.NONE));
            assertThatThrownBy(() -> MqttSender.open(doubting, "doubts")).isInstanceOf(StoreException.class)
                    .hasMessageContaining("is not reached");
        }
    }
}
