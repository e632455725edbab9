package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.mqtt.MqttConnection.Arrival;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Messages of a broker, each of which stays with the broker until [#acknowledge] says that it is safe.
///
/// What was received and not yet acknowledged is sent again after a break. [#resume] remembers which messages those are, so that what is opened with it does not
/// give them again: the broker sends them first and in their order, and they are known by what they say. Belongs to one thread, but for [#wakeUp].
public final class MqttSubscription implements AutoCloseable {
    private static final int AHEAD = 8_192;
    private static final int POLL_MAX = 2_000;
    private static final Arrival WAKE = new Arrival(MqttMessage.of("-", new byte[0], Quality.AT_MOST_ONCE), () -> { });

    /// @param filter        with `+` and `#`; `$share/GROUP/…` for a shared one
    /// @param clientId      as whom the broker keeps the session; never used by two at a time
    /// @param sessionExpiry how long the broker keeps messages for a client that is away (MQTT 5; brokers of 3.1.1 decide)
    public record Settings(String clientId, String filter, Quality quality, Duration sessionExpiry) {}

    /// @param number counts the messages, from 1 on over all openings
    public record Received(long number, Instant arrived, MqttMessage message) {}

    private record Unsafe(long number, long digest, Runnable acknowledge) {}

    private final MqttBroker broker;
    private final MqttConnection connection;
    private final LinkedBlockingQueue<Arrival> arrived = new LinkedBlockingQueue<>();
    /// Given, and not acknowledged, in the order of their numbers.
    private final Deque<Unsafe> unsafe = new ArrayDeque<>();
    /// Given before this was opened; the broker may send them again before anything else.
    private final Deque<Unsafe> again = new ArrayDeque<>();
    private volatile Subscription flow;
    private volatile String lost = "";
    private long next;
    private long safe;

    private MqttSubscription(MqttBroker broker, MqttConnection.Client client, byte[] resume) throws StoreException {
        this.broker = broker;
        this.connection = MqttConnection.open(broker, client, reason -> {
            lost = reason;
            arrived.add(WAKE);
        });
        ByteBuffer from = ByteBuffer.wrap(resume);
        this.next = resume.length == 0 ? 1 : from.getLong();
        while (from.hasRemaining()) {
            again.add(new Unsafe(from.getLong(), from.getLong(), () -> { }));
        }
    }

    /// @param resume what [#resume] gave; empty at the start
    public static MqttSubscription open(MqttBroker broker, Settings settings, byte[] resume) throws StoreException {
        MqttConnection.Client client = new MqttConnection.Client(settings.clientId(), settings.quality() == Quality.AT_MOST_ONCE
                ? new MqttConnection.Session.Clean() : new MqttConnection.Session.Kept(settings.sessionExpiry().toSeconds()));
        MqttSubscription subscription = new MqttSubscription(broker, client, resume);
        try {
            subscription.receive();
            subscription.connection.connect(client);
            subscription.connection.subscribe(settings.filter(), settings.quality());
            return subscription;
        } catch (StoreException e) {
            subscription.close();
            throw e;
        }
    }

    private void receive() {
        connection.arrivals().subscribe(new Subscriber<Arrival>() {
            @Override
            public void onSubscribe(Subscription subscription) {
                flow = subscription;
                subscription.request(AHEAD);
            }

            @Override
            public void onNext(Arrival arrival) {
                arrived.add(arrival);
            }

            @Override
            public void onError(Throwable failure) {
                lost = MqttConnection.reason(failure);
                arrived.add(WAKE);
            }

            @Override
            public void onComplete() {}
        });
    }

    /// What is there, waiting for so long where nothing is.
    ///
    /// @throws StoreException where the connection is lost: another is to be opened, with what [#resume] gives
    public List<Received> poll(Duration wait) throws StoreException, InterruptedException {
        List<Received> received = new ArrayList<>();
        Arrival first = arrived.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        int taken = 0;
        for (Arrival arrival = first; arrival != null; arrival = taken < POLL_MAX ? arrived.poll() : null) {
            if (arrival != WAKE) {
                taken++;
                take(arrival, received);
            }
        }
        flow.request(Math.max(1, taken));
        if (received.isEmpty() && !lost.isEmpty()) {
            throw StoreException.system("MqttFailure", "The connection to the MQTT broker at %s:%d is lost: %s".formatted(broker.host(), broker.port(), lost),
                    new IllegalStateException(lost));
        }
        return received;
    }

    private void take(Arrival arrival, List<Received> received) {
        if (arrival.message().quality() == Quality.AT_MOST_ONCE) {
            received.add(new Received(next++, Instant.now(), arrival.message()));
            return;
        }
        long digest = digest(arrival.message());
        Unsafe before = given(digest);
        if (before != null) {
            if (before.number() <= safe) {
                arrival.acknowledge().run();
            } else {
                unsafe.add(new Unsafe(before.number(), digest, arrival.acknowledge()));
            }
            return;
        }
        unsafe.add(new Unsafe(next, digest, arrival.acknowledge()));
        received.add(new Received(next++, Instant.now(), arrival.message()));
    }

    /// The message of before that this one repeats. The broker repeats them in their order, without those it knows to be safe; what comes after them is new.
    private Unsafe given(long digest) {
        if (again.stream().noneMatch(one -> one.digest() == digest)) {
            again.clear();
            return null;
        }
        Unsafe first = again.removeFirst();
        while (first.digest() != digest) {
            first = again.removeFirst();
        }
        return first;
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
        ByteBuffer to = ByteBuffer.allocate(Long.BYTES * (1 + 2 * (unsafe.size() + again.size())));
        to.putLong(next);
        // those that the broker has repeated come before those that it has not repeated yet
        for (Iterator<Unsafe> all = unsafe.iterator(); all.hasNext();) {
            Unsafe one = all.next();
            to.putLong(one.number()).putLong(one.digest());
        }
        for (Unsafe one : again) {
            to.putLong(one.number()).putLong(one.digest());
        }
        return to.array();
    }

    /// The last number before this place.
    public static long number(byte[] resume) {
        return resume.length == 0 ? 0 : ByteBuffer.wrap(resume).getLong() - 1;
    }

    /// Whoever reads has what came up to this message, and does not need it again.
    public void acknowledge(long number) {
        safe = Math.max(safe, number);
        while (!unsafe.isEmpty() && unsafe.peekFirst().number() <= safe) {
            unsafe.pollFirst().acknowledge().run();
        }
    }

    /// Received and not yet given.
    public int waiting() {
        return arrived.size();
    }

    /// Ends a wait.
    public void wakeUp() {
        arrived.add(WAKE);
    }

    /// The broker keeps the session, and what is not acknowledged in it.
    @Override
    public void close() {
        connection.close();
    }
}
