package io.conshelf.processor.source;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttArrival;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttConnection.Client;
import io.conshelf.connectors.mqtt.MqttConnection.Session;
import io.conshelf.connectors.mqtt.MqttMessage;
import io.conshelf.connectors.mqtt.MqttMessage.Description;
import io.conshelf.connectors.mqtt.MqttMessage.PayloadFormat;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.VersionChoice;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Subscriptions at a broker of MQTT, over as many connections as it takes. What the broker repeats after a break, and this source has given already, it does
/// not give again as long as it is open; later ones are told by [Delivery#identity].
public final class MqttSource implements Source {
    private static final Duration WAIT = Duration.ofMinutes(1);
    private static final int AT_ONCE_MAX = 1_000;
    private static final int IDENTITY_BYTES = 16;

    /// @param topics   filters with `+` and `#`; `$share/GROUP/…` for a shared one
    /// @param clientId as whom the broker keeps the session; never used by two at a time
    public record Settings(MqttBroker broker, String clientId, List<String> topics, Quality quality, Session session) {
        public Settings {
            topics = List.copyOf(topics);
        }
    }

    private final Settings settings;
    private final int inFlightMax;
    private final VersionChoice version = new VersionChoice();
    /// Given, and not yet forgotten by the broker, by packet id and digest.
    private final Map<String, Given> given = new LinkedHashMap<>();
    private MqttConnection connection;
    private boolean isSubscribed;
    private boolean isClosed;

    public MqttSource(Settings settings) {
        this(settings, MqttConnection.IN_FLIGHT_MAX);
    }

    /// @param inFlightMax how many messages a broker of MQTT 5 may send before the first of them is acknowledged
    public MqttSource(Settings settings, int inFlightMax) {
        this.settings = settings;
        this.inFlightMax = inFlightMax;
    }

    @Override
    public void open() throws SourceException {
        try {
            connection();
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
            if (!opened.isResumed()) {
                // packet ids of an earlier session mean nothing in this one
                given.clear();
            }
            // MQTT 3.1.1 gives what is retained with every subscribing, so a session that goes on keeps the one that it has; with MQTT 5 a broker that has
            // forgotten one in a restart learns it again
            if (opened.version() == MqttBroker.Version.V5 || !opened.isResumed() || !isSubscribed) {
                try {
                    opened.subscribe(settings.topics(), settings.quality());
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

    private MqttConnection connect() throws StoreException {
        Client client = new Client(settings.clientId(), settings.session(), inFlightMax);
        return version.open(settings.broker(), broker -> MqttConnection.open(broker, client));
    }

    private synchronized void drop() {
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
        String identity = identity(arrival);
        Given before = given.get(identity);
        if (before != null && arrival.delivered() == MqttArrival.Delivered.AGAIN) {
            before.comesAgain(arrival);
            return;
        }
        Given now = new Given(identity, arrival);
        given.put(identity, now);
        forget();
        to.add(new Arrival(message.payload(), envelope(arrival), now));
    }

    /// What the broker has forgotten is mostly the oldest.
    private void forget() {
        var oldest = given.values().iterator();
        while (oldest.hasNext() && oldest.next().isForgotten()) {
            oldest.remove();
        }
    }

    private static String identity(MqttArrival arrival) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(arrival.message().topic().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(arrival.message().payload());
            return arrival.packetId() + ":" + HexFormat.of().formatHex(sha.digest(), 0, IDENTITY_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static SequencedMap<String, Value> envelope(MqttArrival arrival) {
        MqttMessage message = arrival.message();
        SequencedMap<String, Value> envelope = new LinkedHashMap<>();
        envelope.put("topic", Value.of(message.topic()));
        envelope.put("qos", Value.of(message.quality().ordinal()));
        if (message.quality() != Quality.AT_MOST_ONCE) {
            envelope.put("packetId", Value.of(arrival.packetId()));
        }
        envelope.put("properties", properties(message.description()));
        envelope.put("userProperties", Value.items(message.properties().stream().map(MqttSource::property).toList()));
        return envelope;
    }

    private static Value property(MqttMessage.Property property) {
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        members.put("key", Value.of(property.name()));
        members.put("value", Value.of(property.value()));
        return new Value.Members(members);
    }

    private static Value properties(Description description) {
        SequencedMap<String, Value> members = new LinkedHashMap<>();
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
        return new Value.Members(members);
    }

    /// A message that was given once, over however many deliveries.
    private static final class Given implements Delivery {
        private final String identity;
        private final boolean isRepeated;
        private MqttArrival arrival;
        private boolean isSafe;

        private Given(String identity, MqttArrival arrival) {
            this.identity = identity;
            this.isRepeated = arrival.delivered() == MqttArrival.Delivered.AGAIN;
            this.arrival = arrival;
        }

        private synchronized void comesAgain(MqttArrival again) {
            arrival = again;
            if (isSafe) {
                arrival.acknowledge();
            }
        }

        @Override
        public String identity() {
            return identity;
        }

        @Override
        public boolean isRepeated() {
            return isRepeated;
        }

        @Override
        public synchronized void acknowledge() {
            isSafe = true;
            arrival.acknowledge();
        }

        @Override
        public synchronized boolean isForgotten() {
            return arrival.isForgotten();
        }
    }
}
