package io.conshelf.connectors.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3RxClient;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt5.Mqtt5RxClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttMessage.Property;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttMessage.Retain;
import io.reactivex.Completable;
import io.reactivex.Flowable;
import io.reactivex.Single;
import io.reactivex.subjects.CompletableSubject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// One connection of a client to a broker, in either version of the protocol. It is not made anew when it is lost: whoever uses it opens another, and goes on
/// from what it remembers.
sealed interface MqttConnection extends AutoCloseable {
    int KEEP_ALIVE_SECONDS = 30;
    long ANSWER_SECONDS_MAX = 30;
    /// How many messages may be under way before the first of them is acknowledged: all that the protocol has numbers for. A lower number is no help:
    /// Mosquitto 2.0.11 sends more than it, which breaks the connection off.
    int IN_FLIGHT_MAX = 65_535;

    /// What has come, and how it is acknowledged.
    record Arrival(MqttMessage message, Runnable acknowledge) {}

    /// @param session what the broker keeps of a client that is away
    record Client(String id, Session session) {}

    sealed interface Session {
        /// Nothing.
        record Clean() implements Session {}

        /// Its subscriptions, and messages of at least AT_LEAST_ONCE, for so long.
        record Kept(long seconds) implements Session {}
    }

    /// @param onLost told once, why the connection is gone
    static MqttConnection open(MqttBroker broker, Client client, Consumer<String> onLost) throws StoreException {
        CompletableSubject gone = CompletableSubject.create();
        MqttClientBuilder builder = MqttClient.builder().identifier(client.id()).serverHost(broker.host()).serverPort(broker.port())
                .addDisconnectedListener(context -> {
                    if (!gone.hasThrowable()) {
                        gone.onError(context.getCause());
                    }
                    onLost.accept(reason(context.getCause()));
                });
        if (broker.tls() instanceof MqttBroker.Tls.On tls) {
            builder = builder.sslConfig(TlsFactories.of(tls));
        }
        return switch (broker.version()) {
            case V5 -> new V5(broker, builder.useMqttVersion5().buildRx(), gone);
            case V3_1_1 -> new V3(broker, builder.useMqttVersion3().buildRx(), gone);
        };
    }

    /// Messages, as many at a time as are asked for; called before [#connect], since a kept session sends at once.
    Flowable<Arrival> arrivals();

    Found connect(Client client) throws StoreException;

    /// What the broker has kept of the session.
    enum Found { NOTHING, SESSION }

    void subscribe(String filter, Quality quality) throws StoreException;

    /// Returns when the broker has it, as far as the quality says so.
    void publish(List<MqttMessage> messages) throws StoreException;

    @Override
    void close();

    private static Found found(boolean isSessionPresent) {
        return isSessionPresent ? Found.SESSION : Found.NOTHING;
    }

    static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    static StoreException failure(MqttBroker broker, String what, RuntimeException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return StoreException.system("MqttFailure", "The MQTT broker at %s:%d %s: %s".formatted(broker.host(), broker.port(), what, reason(cause)), e);
    }

    /// What the broker answers. The client itself would wait for it beyond the loss of a kept session's connection, and hide why it is lost.
    private static <T> T answer(Single<T> asked, Completable gone) {
        return asked.ambWith(gone.toSingle(() -> {
            throw new IllegalStateException("the connection is lost");
        })).timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).blockingGet();
    }

    private static MqttQos qos(Quality quality) {
        return switch (quality) {
            case AT_MOST_ONCE -> MqttQos.AT_MOST_ONCE;
            case AT_LEAST_ONCE -> MqttQos.AT_LEAST_ONCE;
            case EXACTLY_ONCE -> MqttQos.EXACTLY_ONCE;
        };
    }

    private static Quality quality(MqttQos qos) {
        return switch (qos) {
            case AT_MOST_ONCE -> Quality.AT_MOST_ONCE;
            case AT_LEAST_ONCE -> Quality.AT_LEAST_ONCE;
            case EXACTLY_ONCE -> Quality.EXACTLY_ONCE;
        };
    }

    private static Runnable acknowledgement(MqttQos qos, Runnable acknowledge) {
        return qos == MqttQos.AT_MOST_ONCE ? () -> { } : acknowledge;
    }

    /// MQTT 5.
    final class V5 implements MqttConnection {
        private final MqttBroker broker;
        private final Mqtt5RxClient client;
        private final Completable gone;

        private V5(MqttBroker broker, Mqtt5RxClient client, Completable gone) {
            this.broker = broker;
            this.client = client;
            this.gone = gone;
        }

        @Override
        public Flowable<Arrival> arrivals() {
            return client.publishes(MqttGlobalPublishFilter.ALL, true).map(publish ->
                    new Arrival(message(publish), acknowledgement(publish.getQos(), publish::acknowledge)));
        }

        private static MqttMessage message(Mqtt5Publish publish) {
            return new MqttMessage(publish.getTopic().toString(), publish.getPayloadAsBytes(), quality(publish.getQos()),
                    publish.isRetain() ? Retain.RETAINED : Retain.NO, publish.getContentType().map(Object::toString).orElse(""),
                    publish.getUserProperties().asList().stream().map(property ->
                            new Property(property.getName().toString(), property.getValue().toString())).toList());
        }

        @Override
        public Found connect(Client as) throws StoreException {
            try {
                var connect = client.connectWith().keepAlive(KEEP_ALIVE_SECONDS).restrictions().receiveMaximum(IN_FLIGHT_MAX).applyRestrictions();
                if (!broker.login().user().isEmpty()) {
                    connect = connect.simpleAuth().username(broker.login().user()).password(broker.login().password().getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
                }
                connect = switch (as.session()) {
                    case Session.Clean _ -> connect.cleanStart(true);
                    case Session.Kept(long seconds) -> connect.cleanStart(false).sessionExpiryInterval(seconds);
                };
                return found(connect.applyConnect().timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).blockingGet().isSessionPresent());
            } catch (RuntimeException e) {
                throw failure(broker, "is not reached", e);
            }
        }

        @Override
        public void subscribe(String filter, Quality quality) throws StoreException {
            try {
                // what is retained has been given with the first subscribing
                answer(client.subscribeWith().topicFilter(filter).qos(qos(quality))
                        .retainHandling(Mqtt5RetainHandling.SEND_IF_SUBSCRIPTION_DOES_NOT_EXIST).applySubscribe(), gone);
            } catch (RuntimeException e) {
                throw failure(broker, "does not take the subscription to '" + filter + "'", e);
            }
        }

        @Override
        public void publish(List<MqttMessage> messages) throws StoreException {
            try {
                client.publish(Flowable.fromIterable(messages).map(V5::publish)).blockingForEach(result -> {
                    if (result.getError().isPresent()) {
                        throw new IllegalStateException(reason(result.getError().get()));
                    }
                });
            } catch (RuntimeException e) {
                throw failure(broker, "does not take messages", e);
            }
        }

        private static Mqtt5Publish publish(MqttMessage message) {
            Mqtt5PublishBuilder.Complete builder = Mqtt5Publish.builder().topic(message.topic()).payload(message.payload()).qos(qos(message.quality()))
                    .retain(message.retain() == Retain.RETAINED);
            if (!message.contentType().isEmpty()) {
                builder = builder.contentType(message.contentType());
            }
            for (Property property : message.properties()) {
                builder = builder.userProperties().add(property.name(), property.value()).applyUserProperties();
            }
            return builder.build();
        }

        @Override
        public void close() {
            client.disconnect().onErrorComplete().blockingAwait(5, TimeUnit.SECONDS);
        }
    }

    /// MQTT 3.1.1, whose sessions are kept for ever or not at all.
    final class V3 implements MqttConnection {
        private final MqttBroker broker;
        private final Mqtt3RxClient client;
        private final Completable gone;

        private V3(MqttBroker broker, Mqtt3RxClient client, Completable gone) {
            this.broker = broker;
            this.client = client;
            this.gone = gone;
        }

        @Override
        public Flowable<Arrival> arrivals() {
            return client.publishes(MqttGlobalPublishFilter.ALL, true).map(publish -> new Arrival(
                    new MqttMessage(publish.getTopic().toString(), publish.getPayloadAsBytes(), quality(publish.getQos()),
                            publish.isRetain() ? Retain.RETAINED : Retain.NO, "", List.of()),
                    acknowledgement(publish.getQos(), publish::acknowledge)));
        }

        @Override
        public Found connect(Client as) throws StoreException {
            try {
                var connect = client.connectWith().keepAlive(KEEP_ALIVE_SECONDS).cleanSession(as.session() instanceof Session.Clean);
                if (!broker.login().user().isEmpty()) {
                    connect = connect.simpleAuth().username(broker.login().user()).password(broker.login().password().getBytes(StandardCharsets.UTF_8))
                            .applySimpleAuth();
                }
                return found(connect.applyConnect().timeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).blockingGet().isSessionPresent());
            } catch (RuntimeException e) {
                throw failure(broker, "is not reached", e);
            }
        }

        @Override
        public void subscribe(String filter, Quality quality) throws StoreException {
            try {
                answer(client.subscribeWith().topicFilter(filter).qos(qos(quality)).applySubscribe(), gone);
            } catch (RuntimeException e) {
                throw failure(broker, "does not take the subscription to '" + filter + "'", e);
            }
        }

        @Override
        public void publish(List<MqttMessage> messages) throws StoreException {
            try {
                client.publish(Flowable.fromIterable(messages).map(message -> Mqtt3Publish.builder().topic(message.topic()).payload(message.payload())
                        .qos(qos(message.quality())).retain(message.retain() == Retain.RETAINED).build())).blockingForEach(result -> {
                            if (result.getError().isPresent()) {
                                throw new IllegalStateException(reason(result.getError().get()));
                            }
                        });
            } catch (RuntimeException e) {
                throw failure(broker, "does not take messages", e);
            }
        }

        @Override
        public void close() {
            client.disconnect().onErrorComplete().blockingAwait(5, TimeUnit.SECONDS);
        }
    }
}
