package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kafka.KafkaPartition;
import io.conshelf.connectors.kafka.KafkaPartition.Message;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.kafka.KafkaTopic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A topic of a real broker, read from a time on.
class KafkaInputTest {
    private static final String TOPIC = "started";
    private static final int PARTITIONS = 40;
    private static final int SENT = 20;

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
