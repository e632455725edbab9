package io.conshelf.connectors.kafka;

import io.conshelf.connectors.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;

/// A partition of a topic, read from an offset on. Belongs to one thread, but for [#wakeUp].
public final class KafkaPartition implements AutoCloseable {
    private final KafkaTopic topic;
    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;
    private long next;

    KafkaPartition(KafkaTopic topic, TopicPartition partition, Consumer<byte[], byte[]> consumer, long next) {
        this.topic = topic;
        this.partition = partition;
        this.consumer = consumer;
        this.next = next;
    }

    /// @param value   empty for a message without one
    /// @param key     empty for a message without one
    /// @param headers the last of each name
    public record Message(long offset, long timestampMs, byte[] key, byte[] value, Map<String, byte[]> headers) {}

    /// What is there, waiting for so long where nothing is.
    public List<Message> poll(Duration wait) throws StoreException, InterruptedException {
        List<Message> messages = new ArrayList<>();
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
                messages.add(new Message(record.offset(), record.timestamp(), record.key() == null ? new byte[0] : record.key(),
                        record.value() == null ? new byte[0] : record.value(), headers(record)));
            }
            next = consumer.position(partition);
        } catch (WakeupException e) {
            return messages;
        } catch (OffsetOutOfRangeException e) {
            throw StoreException.user("KafkaOffsetGone", "Messages of topic '%s', partition %d, from offset %d on are no longer kept".formatted(
                    topic.topic(), partition.partition(), next));
        } catch (InterruptException e) {
            throw KafkaTopic.interrupted(e);
        } catch (KafkaException e) {
            throw topic.failure(e);
        }
        return messages;
    }

    private static Map<String, byte[]> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, byte[]> headers = Map.of();
        for (Header header : record.headers()) {
            if (headers.isEmpty()) {
                headers = new LinkedHashMap<>();
            }
            headers.put(header.key(), header.value() == null ? new byte[0] : header.value());
        }
        return headers;
    }

    /// The offset behind what was read.
    public long next() {
        return next;
    }

    /// How many messages wait; empty where the broker has not told yet.
    public OptionalLong backlog() {
        return consumer.currentLag(partition);
    }

    /// Tells the group's progress to the broker, where there is a group. Nothing is read from it.
    public void tell(long offset) throws InterruptedException {
        if (topic.group().isEmpty()) {
            return;
        }
        try {
            consumer.commitAsync(Map.of(partition, new OffsetAndMetadata(offset)), (_, _) -> { });
        } catch (InterruptException e) {
            throw KafkaTopic.interrupted(e);
        } catch (WakeupException e) {
            // it is told with the next one
        }
    }

    /// Ends a wait.
    public void wakeUp() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
