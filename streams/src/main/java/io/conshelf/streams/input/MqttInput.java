package io.conshelf.streams.input;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttSubscription;
import io.conshelf.connectors.mqtt.MqttSubscription.Received;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Ticks;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/// A subscription at a broker of MQTT. A broker has no past: the job gets what comes after it first subscribed, and while it is away what its session keeps.
record MqttInput(MqttBroker broker, String clientId, String filter, Quality quality, InputFormat format) implements EventInput {
    private static final Duration SESSION = Duration.ofDays(7);

    @Override
    public int partitionsMax() {
        return 1;
    }

    @Override
    public List<String> partitions() {
        return List.of("0");
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
            subscription.acknowledge(MqttSubscription.number(position));
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
