package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.mqtt.Repeats.Given;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Messages of a broker, each of which stays with the broker until [#acknowledge] says that it is safe.
///
/// What was received and not yet acknowledged is sent again after a break. [#resume] remembers which messages those are, so that what is opened with it does not
/// give them again as far as [Repeats] can tell; it never takes a new message for one of them. So that it can tell, a message is acknowledged one
/// [#acknowledge] late, and the newest not before another has come. Belongs to one thread, but for [#wakeUp].
public final class MqttSubscription implements AutoCloseable {
    private static final int POLL_MAX = 2_000;
    /// Messages may be few, and large.
    private static final long POLL_BYTES_MAX = 2 << 20;
    /// After this time without another message, what has come is new: the broker does not repeat any more.
    private static final Duration REPEATS_WITHIN = Duration.ofSeconds(10);

    /// @param filter        with `+` and `#`; `$share/GROUP/…` for a shared one
    /// @param clientId      as whom the broker keeps the session; never used by two at a time
    /// @param sessionExpiry how long the broker keeps messages for a client that is away (MQTT 5; brokers of 3.1.1 decide)
    public record Settings(String clientId, String filter, Quality quality, Duration sessionExpiry) {}

    /// @param number counts the messages, from 1 on over all openings
    public record Received(long number, Instant arrived, MqttMessage message) {}

    private record Unsafe(Given given, Runnable acknowledge) {
        long number() {
            return given.number();
        }
    }

    private final MqttBroker broker;
    private final Settings settings;
    private final MqttConnection connection;
    /// Given, and not acknowledged, in the order of their numbers.
    private final Deque<Unsafe> unsafe = new ArrayDeque<>();
    /// Acknowledged with the last call and the one before: the broker may not have heard of it.
    private List<Given> gone = new ArrayList<>();
    private List<Given> goneBefore = List.of();
    /// As long as what comes may be repeats; held meanwhile.
    private Optional<Repeats> repeats;
    private final List<MqttArrival> held = new ArrayList<>();
    private final List<Long> heldDigests = new ArrayList<>();
    private long heldSince;
    private boolean isSubscribed;
    private long next;
    /// Whoever reads has what came up to this message.
    private long safe;

    private MqttSubscription(MqttBroker broker, Settings settings, MqttConnection connection, byte[] resume) {
        this.broker = broker;
        this.settings = settings;
        this.connection = connection;
        List<Given> given = new ArrayList<>();
        int doubtful = 0;
        if (resume.length == 0) {
            next = 1;
        } else {
            ByteBuffer from = ByteBuffer.wrap(resume);
            next = from.getLong();
            safe = from.getLong();
            while (from.hasRemaining()) {
                Given one = new Given(from.getLong(), from.getLong());
                given.add(one);
                doubtful += one.number() <= safe ? 1 : 0;
            }
        }
        this.repeats = given.isEmpty() ? Optional.empty() : Optional.of(new Repeats(given, doubtful));
    }

    /// @param resume what [#resume] gave; empty at the start
    public static MqttSubscription open(MqttBroker broker, Settings settings, byte[] resume) throws StoreException {
        MqttConnection.Client client = new MqttConnection.Client(settings.clientId(), settings.quality() == Quality.AT_MOST_ONCE
                ? new MqttConnection.Session.Clean() : new MqttConnection.Session.Kept(settings.sessionExpiry().toSeconds()), MqttConnection.IN_FLIGHT_MAX);
        MqttConnection connection = MqttConnection.open(broker, client);
        try {
            MqttSubscription subscription = new MqttSubscription(broker, settings, connection, resume);
            subscription.begin();
            return subscription;
        } catch (StoreException e) {
            connection.close();
            throw e;
        }
    }

    private void begin() throws StoreException {
        if (!connection.isResumed()) {
            repeats = Optional.empty();
        }
        heldSince = System.nanoTime();
        // MQTT 3.1.1 gives what is retained with every subscribing, so where the repeats show that there is a subscription, that is enough
        if (repeats.isEmpty() || broker.version() == MqttBroker.Version.V5) {
            subscribe();
        }
    }

    private void subscribe() throws StoreException {
        if (!isSubscribed) {
            connection.subscribe(List.of(settings.filter()), settings.quality());
            isSubscribed = true;
        }
    }

    /// What is there, waiting for so long where nothing is.
    ///
    /// @throws StoreException where the connection is lost: another is to be opened, with what [#resume] gives
    public List<Received> poll(Duration wait) throws StoreException, InterruptedException {
        List<Received> received = new ArrayList<>();
        Optional<MqttArrival> arrival = connection.next(wait);
        long bytes = 0;
        for (int taken = 1; arrival.isPresent(); taken++) {
            bytes += arrival.get().message().payload().length;
            take(arrival.get(), received);
            arrival = taken < POLL_MAX && bytes < POLL_BYTES_MAX ? connection.next() : Optional.empty();
        }
        settle(received);
        return received;
    }

    private void take(MqttArrival arrival, List<Received> received) {
        if (arrival.message().quality() == Quality.AT_MOST_ONCE) {
            received.add(new Received(next++, Instant.now(), arrival.message()));
        } else if (repeats.isPresent()) {
            held.add(arrival);
            heldDigests.add(digest(arrival.message()));
            heldSince = System.nanoTime();
        } else {
            give(arrival, digest(arrival.message()), received);
        }
    }

    private void give(MqttArrival arrival, long digest, List<Received> received) {
        unsafe.add(new Unsafe(new Given(next, digest), arrival.receipt()::acknowledge));
        received.add(new Received(next++, Instant.now(), arrival.message()));
    }

    /// Lets go of what is held, once it is known what of it has been given before.
    private void settle(List<Received> received) throws StoreException {
        if (repeats.isEmpty()) {
            return;
        }
        int repeated = repeats.get().among(heldDigests);
        if (repeated == Repeats.OPEN) {
            if (System.nanoTime() - heldSince < REPEATS_WITHIN.toNanos()) {
                return;
            }
            repeated = 0;
        }
        List<Given> given = repeats.get().last(repeated);
        for (int i = 0; i < held.size(); i++) {
            if (i < repeated) {
                unsafe.add(new Unsafe(given.get(i), held.get(i).receipt()::acknowledge));
            } else {
                give(held.get(i), heldDigests.get(i), received);
            }
        }
        repeats = Optional.empty();
        held.clear();
        heldDigests.clear();
        if (repeated == 0) {
            subscribe();
        }
    }

    private static long digest(MqttMessage message) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(message.topic().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(message.payload());
            return ByteBuffer.wrap(sha.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /// Behind what was polled last: [#open] goes on there.
    public byte[] resume() {
        List<Given> given = repeats.map(Repeats::given).orElseGet(this::given);
        ByteBuffer to = ByteBuffer.allocate(Long.BYTES * (2 + 2 * given.size()));
        to.putLong(next).putLong(given.isEmpty() ? safe : Math.min(safe, given.getLast().number() - 1));
        for (Given one : given) {
            to.putLong(one.number()).putLong(one.digest());
        }
        return to.array();
    }

    private List<Given> given() {
        return Stream.of(goneBefore.stream(), gone.stream(), unsafe.stream().map(Unsafe::given)).flatMap(given -> given).toList();
    }

    /// Whoever reads has what came before this place, and goes on there or later.
    ///
    /// @param resume what [#resume] gave
    public void acknowledge(byte[] resume) {
        ByteBuffer place = ByteBuffer.wrap(resume);
        safe = Math.max(safe, place.getLong() - 1);
        // not more than this: whoever goes on there takes all others for sure to come again
        long upTo = place.getLong();
        goneBefore = gone;
        gone = new ArrayList<>();
        while (!unsafe.isEmpty() && unsafe.peekFirst().number() <= upTo) {
            Unsafe first = unsafe.pollFirst();
            gone.add(first.given());
            first.acknowledge().run();
        }
    }

    /// Received and not yet given.
    public int waiting() {
        return connection.waiting() + held.size();
    }

    /// Ends a wait.
    public void wakeUp() {
        connection.wakeUp();
    }

    /// The broker keeps the session, and what is not acknowledged in it.
    @Override
    public void close() {
        connection.close();
    }
}
