package io.conshelf.streams.input;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSubscription;
import io.conshelf.connectors.mqtt.MqttSubscription.Received;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Ticks;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/// A subscription at a broker of MQTT. A broker has no past: the job gets what comes after it first subscribed, and while it is away what its session keeps.
///
/// @param clientId as the job states it; empty: one for each reader
record MqttInput(MqttBroker broker, String clientId, String filter, Quality quality, InputFormat format) implements EventInput {
    private static final Duration SESSION = Duration.ofDays(7);

    /// A session belongs to one reader of one topic, and a name of 23 letters and digits is what every broker takes.
    ///
    @Override
    public EventInput readBy(String reader, int number) {
        String named = clientId.isEmpty() ? "conshelf" + digest(reader + '\n' + number + '\n' + filter).substring(0, 15)
                : number == 0 ? clientId : clientId + '-' + (number + 1);
        return new MqttInput(broker, named, filter, quality, format);
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @Override
    public boolean canBeReadAgain() {
        return false;
    }

    @Override
    public int partitionsMax() {
        return 1;
    }

    @Override
    public List<String> partitions() {
        return List.of("0");
    }

    /// Under a name of its own: the broker would end the connection of a job that has the one of the definition. A group of readers is not joined, as what the
    /// broker gave to this one would be lost to the others.
    @Override
    public void probe() throws InputException {
        try {
            MqttConnection.Client client = new MqttConnection.Client("conshelf" + UUID.randomUUID().toString().replace("-", "").substring(0, 15),
                    new MqttConnection.Session.Clean(), MqttConnection.IN_FLIGHT_MAX);
            try (MqttConnection connection = MqttConnection.open(broker, client)) {
                if (!filter.startsWith("$share/")) {
                    subscribe(connection);
                }
            }
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private void subscribe(MqttConnection connection) throws InputException {
        try {
            connection.subscribe(List.of(filter), Quality.AT_MOST_ONCE);
        } catch (StoreException e) {
            throw new InputException("topicName '%s': %s".formatted(filter, e.getMessage()), e);
        }
    }

    @Override
    public EventPartition open(String partition, Start start) throws InputException {
        byte[] resume = start instanceof Start.At(byte[] position) ? position : new byte[0];
        try {
            return new Reading(MqttSubscription.open(broker, new MqttSubscription.Settings(clientId, filter, quality, SESSION), resume), format.reader());
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private static final class Reading implements EventPartition {
        private final MqttSubscription subscription;
        private final EventReader reader;

        private Reading(MqttSubscription subscription, EventReader reader) {
            this.subscription = subscription;
            this.reader = reader;
        }

        @Override
        public void poll(Duration wait, Events out) throws InputException, InterruptedException {
            List<Received> received;
            try {
                received = subscription.poll(wait);
            } catch (StoreException e) {
                throw new InputException(e.getMessage(), e);
            }
            ReadEvents events = new ReadEvents(out);
            for (Received one : received) {
                events.of(Ticks.of(one.arrived()), UnaryOperator.identity());
                out.read(1, one.message().payload().length);
                reader.message(one.message().payload(), one.message().topic(), events);
            }
        }

        @Override
        public byte[] position() {
            return subscription.resume();
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public long backlog() {
            return subscription.waiting();
        }

        @Override
        public void acknowledge(byte[] position) {
            subscription.acknowledge(position);
        }

        @Override
        public void wakeUp() {
            subscription.wakeUp();
        }

        @Override
        public void close() {
            subscription.close();
        }
    }
}
