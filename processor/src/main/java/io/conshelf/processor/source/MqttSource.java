package io.conshelf.processor.source;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttArrival;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttConnection.Client;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Description;
import io.conshelf.connectors.mqtt.MqttMessage.PayloadFormat;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.MqttReceipt;
import io.conshelf.connectors.mqtt.VersionChoice;
import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Subscriptions at a broker of MQTT, over as many connections as it takes. What the broker repeats after a break is given again, and told by
/// [Delivery#isRepeated] and [Delivery#identity].
public final class MqttSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(MqttSource.class);
    private static final Duration WAIT = Duration.ofMinutes(1);
    private static final int AT_ONCE_MAX = 1_000;
    private static final int DIGEST_BYTES = 16;
    /// That an envelope or a description has, at most.
    private static final int MEMBERS = 5;
    private static final Value NO_ITEMS = Value.items(List.of());

    /// @param topics   filters with `+` and `#`; `$share/GROUP/…` for a shared one
    /// @param clientId as whom the broker keeps the session; never used by two at a time
    public record Settings(MqttBroker broker, String clientId, List<String> topics, Quality quality, MqttConnection.Session session) {
        public Settings {
            topics = List.copyOf(topics);
        }
    }

    private final Settings settings;
    /// Of the thread that reads.
    private final MessageDigest sha = sha();
    private final int inFlightMax;
    private final VersionChoice version = new VersionChoice();
    private MqttConnection connection;
    private boolean isSubscribed;
    private boolean isClosed;
    private final Subscriptions subscriptions;
    private Optional<CompletableFuture<Void>> unsubscribing = Optional.empty();

    public MqttSource(Settings settings, Subscriptions subscriptions) {
        this(settings, subscriptions, MqttConnection.IN_FLIGHT_MAX);
    }

    /// @param inFlightMax how many messages a broker of MQTT 5 may send before the first of them is acknowledged
    public MqttSource(Settings settings, Subscriptions subscriptions, int inFlightMax) {
        this.settings = settings;
        this.subscriptions = subscriptions;
        this.inFlightMax = inFlightMax;
    }

    /// Lets the broker forget the session, and all that it holds for it.
    public static void forget(Settings settings) throws StoreException {
        Client nobody = new Client(settings.clientId(), new MqttConnection.Session.Clean(), MqttConnection.IN_FLIGHT_MAX);
        new VersionChoice().open(settings.broker(), broker -> MqttConnection.open(broker, nobody)).close();
    }

    @Override
    public Session open() throws SourceException {
        try {
            return connection().isResumed() ? Session.RESUMED : Session.NEW;
        } catch (StoreException e) {
            drop();
            throw new SourceException(e.getMessage(), e);
        }
    }

    @Override
    public List<Arrival> next() throws SourceException, InterruptedException {
        try {
            MqttConnection open = connection();
            List<Arrival> arrivals = new ArrayList<>();
            while (arrivals.isEmpty()) {
                settleSubscriptions();
                Optional<MqttArrival> arrival = open.next(WAIT);
                while (arrival.isPresent()) {
                    take(arrival.get(), arrivals);
                    arrival = arrivals.size() < AT_ONCE_MAX ? open.next() : Optional.empty();
                }
            }
            return arrivals;
        } catch (StoreException e) {
            drop();
            throw new SourceException(e.getMessage(), e);
        }
    }

    private synchronized MqttConnection connection() throws StoreException {
        if (isClosed) {
            throw StoreException.user("MqttFailure", "The subscription is closed");
        }
        if (connection == null) {
            MqttConnection opened = connect();
            // MQTT 3.1.1 gives what is retained with every subscribing, so a session that goes on keeps the one that it has; with MQTT 5 a broker that has
            // forgotten one in a restart learns it again
            if (opened.version() == MqttBroker.Version.V5 || !opened.isResumed() || !isSubscribed) {
                try {
                    subscribe(opened);
                    isSubscribed = true;
                } catch (StoreException e) {
                    opened.close();
                    throw e;
                }
            }
            connection = opened;
        }
        return connection;
    }

    /// What is subscribed to is remembered before, and forgotten when the broker has taken it back: whatever breaks on the way, nothing stays there unknown.
    private void subscribe(MqttConnection opened) throws StoreException {
        try {
            List<String> before = opened.isResumed() ? subscriptions.filters() : List.of();
            List<String> gone = before.stream().filter(filter -> !settings.topics().contains(filter)).toList();
            subscriptions.become(Stream.concat(settings.topics().stream(), gone.stream()).toList());
            opened.subscribe(settings.topics(), settings.quality());
            unsubscribing = gone.isEmpty() ? Optional.empty() : Optional.of(opened.unsubscribe(gone));
        } catch (IOException unremembered) {
            throw StoreException.system("MqttFailure", "What is subscribed to cannot be remembered: " + unremembered.getMessage(), unremembered);
        }
    }

    private synchronized void settleSubscriptions() {
        if (unsubscribing.isPresent() && unsubscribing.get().isDone()) {
            try {
                if (unsubscribing.get().isCompletedExceptionally()) {
                    isSubscribed = false;
                } else {
                    subscriptions.become(settings.topics());
                }
            } catch (IOException unremembered) {
                LOG.debug("the broker is told once more with the next connection", unremembered);
            }
            unsubscribing = Optional.empty();
        }
    }

    private MqttConnection connect() throws StoreException {
        Client client = new Client(settings.clientId(), settings.session(), inFlightMax);
        return version.open(settings.broker(), broker -> MqttConnection.open(broker, client));
    }

    private synchronized void drop() {
        settleSubscriptions();
        if (unsubscribing.isPresent()) {
            // no answer comes any more
            unsubscribing = Optional.empty();
            isSubscribed = false;
        }
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        drop();
    }

    private void take(MqttArrival arrival, List<Arrival> to) {
        MqttMessage message = arrival.message();
        if (message.quality() == Quality.AT_MOST_ONCE) {
            to.add(new Arrival(message.payload(), envelope(arrival), Delivery.ONCE));
            return;
        }
        to.add(new Arrival(message.payload(), envelope(arrival), new Given(new Identity(arrival.receipt().packetId(), digest(message)),
                arrival.delivered() == MqttArrival.Delivered.AGAIN, arrival.receipt())));
    }

    private String digest(MqttMessage message) {
        sha.update(message.topic().getBytes(StandardCharsets.UTF_8));
        sha.update((byte) 0);
        sha.update(message.payload());
        return HexFormat.of().formatHex(sha.digest(), 0, DIGEST_BYTES);
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static SequencedMap<String, Value> envelope(MqttArrival arrival) {
        MqttMessage message = arrival.message();
        MembersBuilder envelope = new MembersBuilder(MEMBERS);
        envelope.put("topic", Value.of(message.topic()));
        envelope.put("qos", Value.of(message.quality().ordinal()));
        if (message.quality() != Quality.AT_MOST_ONCE) {
            envelope.put("packetId", Value.of(arrival.receipt().packetId()));
        }
        envelope.put("properties", properties(message.description()));
        envelope.put("userProperties", message.properties().isEmpty() ? NO_ITEMS : Value.items(message.properties().stream().map(MqttSource::property).toList()));
        return envelope.build().members();
    }

    private static Value property(MqttMessage.Property property) {
        return new MembersBuilder(2).put("key", Value.of(property.name())).put("value", Value.of(property.value())).build();
    }

    private static Value properties(Description description) {
        MembersBuilder members = new MembersBuilder(MEMBERS);
        if (!description.responseTopic().isEmpty()) {
            members.put("responseTopic", Value.of(description.responseTopic()));
        }
        if (!description.contentType().isEmpty()) {
            members.put("contentType", Value.of(description.contentType()));
        }
        if (description.payloadFormat() != PayloadFormat.NOT_STATED) {
            members.put("payloadFormat", Value.of(description.payloadFormat() == PayloadFormat.TEXT ? 1 : 0));
        }
        if (description.correlationData().length > 0) {
            members.put("correlationData", new Value.Binary(description.correlationData()));
        }
        if (description.expirySeconds() >= 0) {
            members.put("messageExpiry", Value.of(description.expirySeconds()));
        }
        return members.build();
    }

    private record Given(Identity identity, boolean isRepeated, MqttReceipt receipt) implements Delivery {
        @Override
        public void acknowledge() {
            receipt.acknowledge();
        }

        @Override
        public boolean isForgotten() {
            return receipt.isForgotten();
        }
    }
}
