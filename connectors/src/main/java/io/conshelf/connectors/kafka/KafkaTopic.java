package io.conshelf.connectors.kafka;

import io.conshelf.connectors.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
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

        /// @param topicId of the topic that it is a place in, as [KafkaPartition#topicId] was; empty where nobody knows
        record Offset(long offset, Optional<Uuid> topicId) implements Start {}
    }

    /// The numbers of its partitions.
    public List<Integer> partitions() throws StoreException, InterruptedException {
        try (Consumer<byte[], byte[]> consumer = consumer()) {
            List<PartitionInfo> partitions = consumer.partitionsFor(topic, ANSWER_MAX);
            if (partitions == null || partitions.isEmpty()) {
                throw notFound();
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
        // asked for first: where the topic is made anew meanwhile, the next to go on notices it
        Optional<Uuid> id = id();
        Consumer<byte[], byte[]> consumer = null;
        try {
            consumer = consumer();
            consumer.assign(List.of(place));
            switch (start) {
                case Start.Earliest _ -> consumer.seekToBeginning(List.of(place));
                case Start.Offset(long offset, Optional<Uuid> read) -> {
                    if (read.isPresent() && id.isPresent() && !read.equals(id)) {
                        throw StoreException.user(KafkaPartition.MADE_ANEW, "The topic '%s' was made anew: it is another one than that of which partition %d was read up to offset %d"
                                .formatted(topic, partition, offset));
                    }
                    consumer.seek(place, offset);
                }
                case Start.Since(long epochMs) -> {
                    // asked for first: what comes while the time is looked up lies behind this end
                    long end = consumer.endOffsets(List.of(place), ANSWER_MAX).get(place);
                    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(place, epochMs), ANSWER_MAX).get(place);
                    consumer.seek(place, found == null ? end : found.offset());
                }
            }
            return new KafkaPartition(this, place, id, consumer, consumer.position(place, ANSWER_MAX));
        } catch (StoreException e) {
            close(consumer);
            throw e;
        } catch (InterruptException e) {
            close(consumer);
            throw interrupted(e);
        } catch (KafkaException e) {
            close(consumer);
            throw failure(e);
        }
    }

    /// What tells the topic from another one of its name; empty where the brokers have none, as before version 2.8 and with Event Hubs.
    private Optional<Uuid> id() throws StoreException, InterruptedException {
        Map<String, Object> properties = new HashMap<>(server.properties());
        properties.put("bootstrap.servers", server.bootstrap());
        properties.put("enable.metrics.push", "false");
        Admin admin = null;
        try {
            admin = Admin.create(properties);
            Uuid id = admin.describeTopics(List.of(topic)).allTopicNames().get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS).get(topic).topicId();
            return Uuid.ZERO_UUID.equals(id) ? Optional.empty() : Optional.of(id);
        } catch (ExecutionException e) {
            return switch (e.getCause()) {
                case UnsupportedVersionException _ -> Optional.empty();
                case UnknownTopicOrPartitionException _ -> throw notFound();
                case KafkaException failure -> throw failure(failure);
                default -> throw failure(new KafkaException(e.getCause()));
            };
        } catch (TimeoutException e) {
            throw failure(new KafkaException("it has not answered for %d s".formatted(ANSWER_MAX.toSeconds()), e));
        } catch (InterruptException e) {
            throw interrupted(e);
        } catch (KafkaException e) {
            throw failure(e);
        } finally {
            if (admin != null) {
                admin.close(Duration.ofSeconds(1));
            }
        }
    }

    private StoreException notFound() {
        return StoreException.user("KafkaTopicNotFound", "The topic '" + topic + "' is not on " + server.bootstrap());
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
