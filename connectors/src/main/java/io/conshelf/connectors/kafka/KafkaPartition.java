package io.conshelf.connectors.kafka;

import io.conshelf.connectors.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;

/// A partition of a topic, read from an offset on. Belongs to one thread, but for [#wakeUp].
public final class KafkaPartition implements AutoCloseable {
    /// The code of the failure that no other attempt mends: the topic ends before the offset at which reading was to go on.
    public static final String BEYOND_END = "KafkaOffsetBeyondEnd";

    /// The code of another one: the topic is not the one that was read.
    public static final String MADE_ANEW = "KafkaTopicMadeAnew";

    private final KafkaTopic topic;
    private final TopicPartition partition;
    private final Optional<Uuid> topicId;
    private final Consumer<byte[], byte[]> consumer;
    /// Counts the answers to requests for messages, also to those that have none.
    private final Metric answers;
    private double answered;
    private boolean hasAnswered;
    private boolean isOutOfRange;
    private Optional<Gone> gone = Optional.empty();
    private long next;

    KafkaPartition(KafkaTopic topic, TopicPartition partition, Optional<Uuid> topicId, Consumer<byte[], byte[]> consumer, long next) {
        this.topic = topic;
        this.partition = partition;
        this.topicId = topicId;
        this.consumer = consumer;
        this.next = next;
        this.answers = consumer.metrics().entrySet().stream()
                .filter(one -> one.getKey().group().equals("consumer-fetch-manager-metrics") && one.getKey().name().equals("fetch-total")).findFirst().orElseThrow()
                .getValue();
    }

    /// Messages that were to be read and are no longer kept.
    ///
    /// @param from  the offset of the first
    /// @param to    the earliest that there still is, where reading goes on
    public record Gone(String topic, int partition, long from, long to) {
        /// How many.
        public long messages() {
            return to - from;
        }

        public String told() {
            return "Messages of topic '%s', partition %d, from offset %d up to %d are no longer kept; reading goes on with those behind them".formatted(topic,
                    partition, from, to);
        }
    }

    /// @param value   empty for a message without one
    /// @param key     empty for a message without one
    /// @param headers the last of each name
    public record Message(long offset, long timestampMs, byte[] key, byte[] value, Map<String, byte[]> headers) {}

    /// What is there, waiting for so long where nothing is. Where the next is no longer kept, reading goes on with the earliest that is, as with Event Hubs, and
    /// [#gone] tells it.
    ///
    /// @throws StoreException [#BEYOND_END] where the topic ends before, as one does that was made anew: Event Hubs refuses such an offset, too, because to read it
    ///         from its beginning could give everything twice, and from its end could miss what is new
    public List<Message> poll(Duration wait) throws StoreException, InterruptedException {
        List<Message> messages = new ArrayList<>();
        hasAnswered = false;
        try {
            if (isOutOfRange) {
                goOn();
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(wait)) {
                messages.add(new Message(record.offset(), record.timestamp(), record.key() == null ? new byte[0] : record.key(),
                        record.value() == null ? new byte[0] : record.value(), headers(record)));
            }
            next = consumer.position(partition);
            double count = (double) answers.metricValue();
            hasAnswered = count > answered || !messages.isEmpty();
            answered = count;
        } catch (WakeupException e) {
            return messages;
        } catch (OffsetOutOfRangeException e) {
            isOutOfRange = true;
        } catch (InterruptException e) {
            throw KafkaTopic.interrupted(e);
        } catch (KafkaException e) {
            throw topic.failure(e);
        }
        return messages;
    }

    private void goOn() throws StoreException {
        long earliest = consumer.beginningOffsets(List.of(partition), KafkaTopic.ANSWER_MAX).get(partition);
        if (earliest > next) {
            gone = Optional.of(new Gone(topic.topic(), partition.partition(), next, earliest));
            next = earliest;
        } else {
            long end = consumer.endOffsets(List.of(partition), KafkaTopic.ANSWER_MAX).get(partition);
            if (end < next) {
                throw StoreException.user(BEYOND_END, "The topic '%s', partition %d, ends at offset %d, and reading was to go on at %d: it was made anew, or has lost its last messages"
                        .formatted(topic.topic(), partition.partition(), end, next));
            }
        }
        consumer.seek(partition, next);
        isOutOfRange = false;
    }

    /// What the last call of [#poll] went past.
    public Optional<Gone> gone() {
        Optional<Gone> told = gone;
        gone = Optional.empty();
        return told;
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

    /// Of the topic as it was when this was opened; another one of the same name has another. Empty where its brokers have none.
    public Optional<Uuid> topicId() {
        return topicId;
    }

    /// The offset behind what was read.
    public long next() {
        return next;
    }

    /// How many messages wait; empty where the broker has not told in the last call of [#poll]: what it said before stands while it is away, whatever comes there.
    public OptionalLong backlog() {
        return hasAnswered ? consumer.currentLag(partition) : OptionalLong.empty();
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
