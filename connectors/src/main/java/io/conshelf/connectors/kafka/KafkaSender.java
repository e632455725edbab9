package io.conshelf.connectors.kafka;

import io.conshelf.connectors.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Sends messages to a topic. What was sent is there when [#flush] has returned, in the order of each key.
public final class KafkaSender implements AutoCloseable {
    private static final Duration CLOSING = Duration.ofSeconds(10);
    /// A client that has lost every broker forgets its topics, and then waits so long with each message before it refuses it.
    private static final Duration TAKING = Duration.ofSeconds(5);
    private static final long LOOK_MS = 100;
    private static final int MESSAGE_BYTES_MAX = 1 << 20;
    /// What is around a message at most, beside its headers.
    private static final int FRAME_BYTES = 128;

    private final KafkaServer server;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    /// Messages that the broker has not acknowledged.
    private final AtomicLong pending = new AtomicLong();
    /// When something was acknowledged last, or when the first that waits was sent.
    private volatile long progressNs;
    private final Object allThere = new Object();

    private KafkaSender(KafkaServer server, String topic, KafkaProducer<byte[], byte[]> producer) {
        this.server = server;
        this.topic = topic;
        this.producer = producer;
    }

    public static KafkaSender open(KafkaServer server, String topic) throws StoreException {
        Map<String, Object> properties = new HashMap<>(server.properties());
        properties.put("bootstrap.servers", server.bootstrap());
        properties.put("acks", "all");
        properties.put("enable.idempotence", "true");
        properties.put("linger.ms", "5");
        properties.put("max.request.size", Integer.toString(MESSAGE_BYTES_MAX));
        properties.put("max.block.ms", Long.toString(TAKING.toMillis()));
        properties.put("enable.metrics.push", "false");
        try {
            return new KafkaSender(server, topic, new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
        } catch (KafkaException e) {
            throw StoreException.system("KafkaFailure", "Kafka at " + server.bootstrap() + ": " + e.getMessage(), e);
        }
    }

    /// Hands a message over; waits where too many are under way. One that is refused was not taken, and can be handed over again.
    ///
    /// @param key     empty: the sender chooses the partition
    /// @param headers beside the message
    public void send(byte[] key, byte[] value, Map<String, String> headers) throws StoreException, InterruptedException {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key.length == 0 ? null : key, value);
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        // The client would tell only once others have been sent after it.
        long bytes = (long) key.length + value.length + FRAME_BYTES;
        for (Header header : record.headers()) {
            bytes += header.key().length() * 3L + header.value().length + 10;
        }
        if (bytes > MESSAGE_BYTES_MAX) {
            throw StoreException.user("KafkaMessageTooLarge", "a message of " + bytes + " bytes is more than the " + MESSAGE_BYTES_MAX + " that are sent at most");
        }
        if (pending.getAndIncrement() == 0) {
            progressNs = System.nanoTime();
        }
        Thread caller = Thread.currentThread();
        AtomicReference<Exception> refusal = new AtomicReference<>();
        boolean isSent = false;
        try {
            producer.send(record, (_, problem) -> {
                // In the caller's thread the client tells what it does not take; what became of the rest, in its own.
                if (problem != null && Thread.currentThread() == caller) {
                    refusal.set(problem);
                    return;
                }
                if (problem != null) {
                    failure.compareAndSet(null, problem);
                }
                done();
            });
            if (refusal.get() != null) {
                throw refused(refusal.get());
            }
            isSent = true;
        } catch (InterruptException e) {
            throw KafkaTopic.interrupted(e);
        } catch (KafkaException e) {
            throw failed(e);
        } finally {
            if (!isSent) {
                // It never was under way: nothing was acknowledged.
                withdraw();
            }
        }
    }

    private void done() {
        progressNs = System.nanoTime();
        withdraw();
    }

    private void withdraw() {
        if (pending.decrementAndGet() == 0) {
            synchronized (allThere) {
                allThere.notifyAll();
            }
        }
    }

    /// Waits until everything that was sent is there, or until the broker has acknowledged nothing for so long.
    ///
    /// @return what is waited for then: what was sent is still under way, and nothing of it may be sent again; empty when all is there
    public Optional<String> flush(Duration silence) throws StoreException, InterruptedException {
        synchronized (allThere) {
            while (pending.get() > 0) {
                Duration silent = Duration.ofNanos(System.nanoTime() - progressNs);
                if (silent.compareTo(silence) > 0) {
                    return Optional.of("Kafka at %s, topic '%s': %d messages wait, and for %d s none has been acknowledged: %s".formatted(server.bootstrap(), topic,
                            pending.get(), silent.toSeconds(), KafkaReach.of(server.bootstrap())));
                }
                allThere.wait(LOOK_MS);
            }
        }
        tellFailure();
        return Optional.empty();
    }

    private void tellFailure() throws StoreException {
        Exception problem = failure.getAndSet(null);
        if (problem != null) {
            throw failed(problem);
        }
    }

    private StoreException refused(Exception problem) {
        return problem instanceof TimeoutException
                ? StoreException.system("KafkaFailure", "Kafka at %s, topic '%s': %d messages wait, and the client takes no more: %s".formatted(server.bootstrap(), topic,
                        pending.get(), KafkaReach.of(server.bootstrap())), problem)
                : failed(problem);
    }

    private StoreException failed(Exception problem) {
        String message = "Kafka at " + server.bootstrap() + ", topic '" + topic + "': " + problem.getMessage();
        return problem instanceof RecordTooLargeException ? StoreException.user("KafkaMessageTooLarge", message) : StoreException.system("KafkaFailure", message, problem);
    }

    @Override
    public void close() {
        producer.close(CLOSING);
    }
}
