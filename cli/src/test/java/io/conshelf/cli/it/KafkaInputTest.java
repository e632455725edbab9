package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kafka.KafkaPartition;
import io.conshelf.connectors.kafka.KafkaPartition.Message;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.kafka.KafkaTopic;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.input.PlaceGone;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A topic of a real broker, read from a time or an offset on.
class KafkaInputTest {
    private static final String TOPIC = "started";
    private static final int PARTITIONS = 40;
    private static final int SENT = 20;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void noMessageIsSkippedThatComesWhileTheStartIsLookedUp() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(folder);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", broker.address(), "acks", "all", "linger.ms", "0"),
                        new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1))).all().get();
            KafkaTopic topic = new KafkaTopic(KafkaServer.open(broker.address(), KafkaServer.Protocol.PLAINTEXT), TOPIC, Optional.empty());
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int to = partition;
                long since = System.currentTimeMillis();
                // of before the start, so that there is an end to seek to
                producer.send(new ProducerRecord<>(TOPIC, to, since - 60_000, null, new byte[] {-1})).get();
                CountDownLatch begun = new CountDownLatch(1);
                Thread sending = Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < SENT; i++) {
                        producer.send(new ProducerRecord<>(TOPIC, to, since + 1, null, new byte[] {(byte) i}));
                        producer.flush();
                        begun.countDown();
                    }
                });
                if (partition % 2 == 0) {
                    begun.await();
                }
                assertThat(read(topic, partition, since)).as("partition %d", partition).hasSize(SENT).startsWith((byte) 0).endsWith((byte) (SENT - 1));
                sending.join();
            }
        }
    }

    /// What a partition gives, by the name it is told by.
    private static final class Taken implements EventPartition.Events {
        private final List<String> events = new ArrayList<>();
        private final List<String> lost = new ArrayList<>();

        @Override
        public void event(Value.Record event, long arrivalTicks) {
            events.add(JsonPrint.text(event.field("n")));
        }

        @Override
        public void broken(DataError error) {
            throw new AssertionError(error.message());
        }

        @Override
        public void lost(DataError error, long count) {
            lost.add(count + " " + error.type() + ": " + error.message());
        }
    }

    private static void poll(EventPartition partition, Taken taken, BooleanSupplier isDone) throws Exception {
        Instant end = Instant.now().plus(LIMIT);
        while (!isDone.getAsBoolean() && Instant.now().isBefore(end)) {
            partition.poll(Duration.ofMillis(100), taken);
        }
        assertThat(isDone.getAsBoolean()).as("%s, %s", taken.events, taken.lost).isTrue();
    }

    private static EventInput input(KafkaBroker broker, String topic) throws Exception {
        Input input = new Input("in", InputType.STREAM, new ObjectMapper().valueToTree(Map.of("datasource", Map.of("type", Datasources.KAFKA, "properties",
                Map.of("bootstrapServers", broker.address(), "topicName", topic)), "serialization", Map.of("type", "Json"))));
        JobDefinition job = new JobDefinition("job", "", List.of(input), List.of(), List.of(), Policies.DEFAULT);
        return new Inputs(job, Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), Path.of("."))).of(input, List.of());
    }

    @Test
    @SuppressWarnings("try") // the broker is killed, and started again
    void whatIsNoLongerKeptIsToldAndReadingGoesOnAndASilentBrokerIsNotTakenForAnEmptyTopic() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(folder);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", broker.address(), "acks", "all"),
                        new ByteArraySerializer(), new ByteArraySerializer())) {
            admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
            for (int n = 0; n < 10; n++) {
                producer.send(new ProducerRecord<>("kept", ("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))).get();
            }
            admin.deleteRecords(Map.of(new TopicPartition("kept", 0), RecordsToDelete.beforeOffset(6))).all().get();
            EventInput input = input(broker, "kept");
            Taken taken = new Taken();
            try (EventPartition partition = input.open("0", new EventInput.Start.At(ByteBuffer.allocate(8).putLong(2).array()))) {
                poll(partition, taken, () -> taken.events.size() == 4);
                assertThat(taken.events).containsExactly("6", "7", "8", "9");
                assertThat(taken.lost).containsExactly("4 InputEventsLost: Messages of topic 'kept', partition 0, from offset 2 up to 6 are no longer kept; "
                        + "reading goes on with those behind them");

                poll(partition, taken, () -> partition.backlog() == 0);
                broker.close();
                // what it said last
                partition.poll(Duration.ofMillis(100), taken);
                for (int i = 0; i < 10; i++) {
                    partition.poll(Duration.ofMillis(100), taken);
                    assertThat(partition.backlog()).as("nobody knows what waits there").isEqualTo(-1);
                }
                broker.run();
                producer.send(new ProducerRecord<>("kept", "{\"n\":10}".getBytes(StandardCharsets.UTF_8))).get();
                poll(partition, taken, () -> taken.events.size() == 5 && partition.backlog() == 0);
            }
            // as where the topic was made anew
            Taken anew = new Taken();
            try (EventPartition partition = input.open("0", new EventInput.Start.At(ByteBuffer.allocate(8).putLong(1000).array()))) {
                assertThatThrownBy(() -> poll(partition, anew, () -> false)).isInstanceOf(PlaceGone.class).hasMessage("The topic 'kept', partition 0, ends at offset 11, "
                        + "and reading was to go on at 1000: it was made anew, or has lost its last messages; start the job now or at a time");
                assertThat(anew.events).isEmpty();
            }
        }
    }

    @Test
    void aTopicThatWasMadeAnewIsNotTakenForTheOneThatWasRead() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(folder);
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()));
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", broker.address(), "acks", "all"),
                        new ByteArraySerializer(), new ByteArraySerializer())) {
            EventInput input = input(broker, "again");
            fill(admin, producer, 0);
            Taken taken = new Taken();
            byte[] position;
            try (EventPartition partition = input.open("0", new EventInput.Start.Earliest())) {
                poll(partition, taken, () -> taken.events.size() == 3);
                position = partition.position();
                partition.acknowledge(position);
            }
            byte[] before = position;
            try (EventPartition partition = input.open("0", new EventInput.Start.At(before))) {
                producer.send(new ProducerRecord<>("again", "{\"n\":3}".getBytes(StandardCharsets.UTF_8))).get();
                poll(partition, taken, () -> taken.events.size() == 4);
            }
            admin.deleteTopics(List.of("again")).all().get();
            fill(admin, producer, 10);
            assertThatThrownBy(() -> input.open("0", new EventInput.Start.At(before))).isInstanceOf(PlaceGone.class)
                    .hasMessage("The topic 'again' was made anew: it is another one than that of which partition 0 was read up to offset 3; start the job now or at a time");
            // of a version that knew of no ids
            Taken old = new Taken();
            try (EventPartition partition = input.open("0", new EventInput.Start.At(ByteBuffer.allocate(8).putLong(2).array()))) {
                poll(partition, old, () -> !old.events.isEmpty());
                assertThat(old.events).containsExactly("12");
            }
        }
    }

    /// Three messages, as soon as a topic that was deleted is gone.
    private static void fill(Admin admin, KafkaProducer<byte[], byte[]> producer, int from) throws Exception {
        Eventually.holds(() -> {
            try {
                admin.createTopics(List.of(new NewTopic("again", 1, (short) 1))).all().get();
                return true;
            } catch (ExecutionException stillThere) {
                return false;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, isMade -> isMade);
        for (int n = from; n < from + 3; n++) {
            producer.send(new ProducerRecord<>("again", ("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8))).get();
        }
    }

    private static List<Byte> read(KafkaTopic topic, int number, long since) throws Exception {
        List<Byte> read = new ArrayList<>();
        try (KafkaPartition partition = topic.open(number, new KafkaTopic.Start.Since(since))) {
            Instant end = Instant.now().plusSeconds(60);
            while ((read.isEmpty() || read.getLast() != SENT - 1) && Instant.now().isBefore(end)) {
                for (Message message : partition.poll(Duration.ofMillis(100))) {
                    read.add(message.value()[0]);
                }
            }
        }
        return read;
    }
}
