package io.conshelf.connectors.kafka;

import io.conshelf.connectors.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// A topic to read. Whoever reads it keeps the offsets; the group's are told too, so that the broker's own tools show how far it is.
///
/// @param group empty where none is told
public record KafkaTopic(KafkaServer server, String topic, Optional<String> group) {
    static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    public sealed interface Start {
        record Earliest() implements Start {}

        /// The first message at or after this time.
        record Since(long epochMs) implements Start {}

        record Offset(long offset) implements Start {}
    }

    /// The numbers of its partitions.
    public List<Integer> partitions() throws StoreException, InterruptedException {
        try (Consumer<byte[], byte[]> consumer = consumer()) {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic, ANSWER_MAX);
            if (partitions == null || partitions.isEmpty()) {
                throw StoreException.user("KafkaTopicNotFound", "The topic '" + topic + "' is not on " + server.bootstrap());
            }
            return partitions.stream().map(PartitionInfo::partition).sorted().toList();
        } catch (InterruptException e) {
            throw interrupted(e);
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    public KafkaPartition open(int partition, Start start) throws StoreException, InterruptedException {
        TopicPartition place = new TopicPartition(topic, partition);
        Consumer<byte[], byte[]> consumer = null;
        try {
            consumer = consumer();
            consumer.assign(List.of(place));
            switch (start) {
                case Start.Earliest _ -> consumer.seekToBeginning(List.of(place));
                case Start.Offset(long offset) -> consumer.seek(place, offset);
                case Start.Since(long epochMs) -> {
                    // asked for first: what comes while the time is looked up lies behind this end
                    long end = consumer.endOffsets(List.of(place), ANSWER_MAX).get(place);
                    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(place, epochMs), ANSWER_MAX).get(place);
                    consumer.seek(place, found == null ? end : found.offset());
                }
            }
            return new KafkaPartition(this, place, consumer, consumer.position(place, ANSWER_MAX));
        } catch (InterruptException e) {
            close(consumer);
            throw interrupted(e);
        } catch (KafkaException e) {
            close(consumer);
            throw failure(e);
        }
    }

    private static void close(Consumer<byte[], byte[]> consumer) {
        if (consumer != null) {
            consumer.close();
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = new HashMap<>(server.properties());
        properties.put("bootstrap.servers", server.bootstrap());
        properties.put("enable.auto.commit", "false");
        // an offset that is gone is told, not skipped in silence
        properties.put("auto.offset.reset", "none");
        properties.put("isolation.level", "read_committed");
        properties.put("max.poll.records", "2000");
        properties.put("allow.auto.create.topics", "false");
        properties.put("enable.metrics.push", "false");
        group.ifPresent(name -> properties.put("group.id", name));
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    StoreException failure(KafkaException e) {
        return StoreException.system("KafkaFailure", "Kafka at " + server.bootstrap() + ", topic '" + topic + "': " + e.getMessage(), e);
    }

    static InterruptedException interrupted(InterruptException e) {
        InterruptedException interrupted = new InterruptedException(e.getMessage());
        // the Kafka client sets the flag, and whoever catches this one may wait again
        Thread.interrupted();
        return interrupted;
    }
}
