package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.flink.JobRunner;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs that write into topics of a broker that is killed meanwhile. With `-Dconshelf.full=true` it is away for longer than Kafka's client keeps messages for it.
class KafkaOutputTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final boolean IS_FULL = Boolean.getBoolean("conshelf.full");

    @TempDir
    static Path place;

    private static KafkaBroker kafka;

    @TempDir
    Path folder;

    @BeforeAll
    static void begin() throws Exception {
        kafka = KafkaBroker.start(place);
    }

    @AfterAll
    static void end() {
        if (kafka != null) {
            kafka.close();
        }
    }

    private static void create(String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    /// A file is read when it is there, so it comes whole.
    private void events(int from, int to) throws IOException {
        Path written = Files.writeString(folder.resolve("next"), IntStream.range(from, to).mapToObj("{\"n\":%d}\n"::formatted).collect(Collectors.joining()));
        Files.move(written, Files.createDirectories(folder.resolve("in")).resolve(from + ".json"));
    }

    private static Set<Integer> written(String topic) throws IOException {
        return messages(topic).stream().map(message -> message.path("n").asInt()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<JsonNode> messages(String topic) throws IOException {
        List<JsonNode> messages = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", kafka.address()), new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (var message : consumer.poll(Duration.ofMillis(100))) {
                    messages.add(JSON.readTree(message.value()));
                }
            }
        }
        return messages;
    }

    private static void awaitWritten(String topic, int count) {
        awaitWritten(topic, 0, count);
    }

    private static void awaitWritten(String topic, int from, int to) {
        Set<Integer> expected = IntStream.range(from, to).boxed().collect(Collectors.toSet());
        assertThat(Eventually.holds(() -> {
            try {
                return written(topic);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }, expected::equals)).isEqualTo(expected);
    }

    private StreamJob job(String name, Input input, Map<String, String> output) throws Exception {
        return job(name, "SELECT n INTO topic FROM events", input, output);
    }

    private StreamJob job(String name, String query, Input input, Map<String, String> output) throws Exception {
        JobDefinition definition = new JobDefinition(name, query, List.of(input),
                List.of(new Output("topic", source(Datasources.KAFKA, output))), List.of(), JobDefinition.Policies.DEFAULT);
        List<String> obstacles = new ArrayList<>();
        StreamJob job = StreamJobs.bind(name, ReadyJob.of(definition), io.conshelf.streams.run.Surroundings.free(URI.create("http://127.0.0.1:1"),
                io.conshelf.streams.run.Surroundings.Role.EMBEDDED, List.of(), folder), obstacles);
        assertThat(obstacles).isEmpty();
        return job;
    }

    private static JsonNode source(String type, Map<String, ?> properties) {
        return JSON.valueToTree(Map.of("datasource", Map.of("type", type, "properties", properties), "serialization", Map.of("type", "Json")));
    }

    private Input files() throws IOException {
        return new Input("events", InputType.STREAM, source(Datasources.FILE, Map.of("path", Files.createDirectories(folder.resolve("in")).toString(),
                "follow", true)));
    }

    private JobRunner runner() {
        return new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder.resolve("jobs")).withCheckpoints(Duration.ofMillis(500)));
    }

    @Test
    void noMessageIsMissingWhenTheBrokerWasAway() throws Exception {
        create("away");
        try (JobRunner runner = runner()) {
            RunningJob job = runner.start(job("away", files(), Map.of("bootstrapServers", kafka.address(), "topicName", "away")), new StartMode.Everything());
            events(0, 1000);
            awaitWritten("away", 1000);
            kafka.close();
            events(1000, 2000);
            assertThat(Eventually.holds(() -> job.metrics().inputEvents(), read -> read > 1000)).isGreaterThan(1000);
            assertThat(Eventually.holds(job::state, JobState.DEGRADED::equals)).isEqualTo(JobState.DEGRADED);
            assertThat(job.problem()).get().asString().contains("output 'topic': Kafka at " + kafka.address() + ", topic 'away'").contains("messages wait")
                    .contains("Connection refused");
            if (IS_FULL) {
                // the client gives messages up after two minutes, and the job begins anew with what its checkpoint holds
                assertThat(job.await(Duration.ofSeconds(140))).as("the job goes on").isFalse();
            }
            kafka.run();
            awaitWritten("away", 2000);
            assertThat(Eventually.holds(job::state, JobState.RUNNING::equals)).isEqualTo(JobState.RUNNING);
        }
    }

    @Test
    void inputsAndOutputsSignIn() throws Exception {
        create("from");
        create("to");
        Map<String, String> signedIn = Map.of("bootstrapServers", kafka.signedAddress(), "securityProtocol", "SaslPlaintext", "saslMechanism", "Plain",
                "username", KafkaBroker.USER, "password", KafkaBroker.PASSWORD);
        try (JobRunner runner = runner()) {
            Map<String, String> from = new java.util.HashMap<>(signedIn);
            from.put("topicName", "from");
            Map<String, String> to = new java.util.HashMap<>(signedIn);
            to.put("topicName", "to");
            events(0, 100);
            RunningJob first = runner.start(job("first", files(), from), new StartMode.Everything());
            RunningJob second = runner.start(job("second", new Input("events", InputType.STREAM, source(Datasources.KAFKA, from)), to),
                    new StartMode.Everything());
            awaitWritten("to", 100);
            assertThat(first.problem()).isEmpty();
            assertThat(second.problem()).isEmpty();

            Map<String, String> wrong = new java.util.HashMap<>(from);
            wrong.put("password", "guessed");
            RunningJob refused = runner.start(job("refused", new Input("events", InputType.STREAM, source(Datasources.KAFKA, wrong)), to),
                    new StartMode.Everything());
            assertThat(Eventually.holds(refused::problem, problem -> problem.isPresent())).get().asString().contains("input 'events'").doesNotContain("guessed");
        }
    }

    /// A broker in the place of an IoT hub's endpoint, which writes the types of AMQP.
    @Test
    void eventsOfAnIotHubTellTheirDevice() throws Exception {
        create("hub");
        create("devices");
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(Map.of("bootstrap.servers", kafka.address(), "acks", "all"), new StringSerializer(),
                new StringSerializer())) {
            ProducerRecord<String, String> message = new ProducerRecord<>("hub", "{\"n\":1}");
            message.headers().add("iothub-connection-device-id", new byte[] {(byte) 0xA1, 2, 'd', '1'}).add("room", new byte[] {(byte) 0xA1, 1, 'k'});
            producer.send(message).get();
        }
        Input hub = new Input("events", InputType.STREAM, source(Datasources.IOT_HUB, Map.of("iotHubNamespace", kafka.address(), "eventHubName", "hub")));
        try (JobRunner runner = runner()) {
            runner.start(job("devices", """
                    SELECT n, events.IoTHub.ConnectionDeviceId AS device, GetMetadataPropertyValue(events, '[User].[room]') AS room INTO topic FROM events
                    """, hub, Map.of("bootstrapServers", kafka.address(), "topicName", "devices")), new StartMode.Everything());
            awaitWritten("devices", 1, 2);
            assertThat(messages("devices").getFirst()).isEqualTo(JSON.readTree("{\"n\":1,\"device\":\"d1\",\"room\":\"k\"}"));
        }
    }
}
