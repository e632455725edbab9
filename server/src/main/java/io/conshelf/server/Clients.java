package io.conshelf.server;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is still there: a client that goes away while its query runs ends it. Only reading from a connection tells, so one
/// whose request takes long is read from meanwhile; what comes early is kept for the next request.
///
/// And who sends or takes too slowly: once a second all connections are looked at, and one whose request does not come on is ended, as is one whose answer
/// nobody takes.
final class Clients implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Clients.class);
    /// Most requests have been answered by then, and cost nothing more than this appointment.
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    private static final Duration PACE_EVERY = Duration.ofSeconds(1);
    private static final Duration SECOND_LOOK = Duration.ofMillis(250);
    /// Nothing of an answer is taken for so long. Whoever works through rows may let the others wait for a while.
    static final Duration NOT_TAKEN_MAX = Duration.ofMinutes(5);
    /// The same, once what the answer comes from has had all its time: until the answer is taken, or its connection ends, that keeps its place.
    static final Duration NOT_TAKEN_LATE_MAX = Duration.ofSeconds(2);
    private static final byte[] TOO_SLOW = answer("408 Request Timeout", "RequestTimeout", "The request was sent too slowly");

    private final Map<String, Known> connections = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor looks =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("conshelf-clients").factory());

    private final Connections open;

    Clients(Connections open) {
        this.open = open;
        looks.setRemoveOnCancelPolicy(true);
        looks.scheduleWithFixedDelay(this::endSlow, PACE_EVERY.toMillis(), PACE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void endSlow() {
        open.endSilent(System.nanoTime());
        connections.values().forEach(Known::endIfSlow);
    }

    /// Those that are open, and those that come.
    Connections open() {
        return open;
    }

    private static byte[] answer(String status, String code, String message) {
        String body = "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\",\"@permanent\":false}}";
        return ("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: application/json\r\n" + BrowserHeaders.lines() + "Content-Length: "
                + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// The connection, known by its id while it lasts.
    ///
    /// @param peer the client's address and port
    ServerConnection known(String id, SocketAddress peer, Presence presence, OneAnswer answer, ServerConnection connection) {
        return new Known(id, peer, presence, answer, connection);
    }

    /// Tells until when the answer may be in the making.
    void hasTime(String id, Duration time) {
        Optional.ofNullable(connections.get(id)).ifPresent(known -> known.answerUntil = OptionalLong.of(System.nanoTime() + time.toNanos()));
    }

    /// Tells that a request was read up to its body.
    void begins(String id) {
        Optional.ofNullable(connections.get(id)).ifPresent(known -> {
            known.answer.next();
            known.presence.begins();
        });
    }

    /// Tells that a request was answered.
    void ends(String id) {
        Optional.ofNullable(connections.get(id)).ifPresent(known -> {
            known.presence.ends();
            known.answer.next();
            known.answerUntil = OptionalLong.empty();
        });
    }

    private final class Known implements ServerConnection {
        private final String id;
        private final SocketAddress peer;
        private final Presence presence;
        private final OneAnswer answer;
        private final ServerConnection connection;
        private volatile boolean isSuspected;
        private volatile OptionalLong answerUntil = OptionalLong.empty();

        Known(String id, SocketAddress peer, Presence presence, OneAnswer answer, ServerConnection connection) {
            this.id = id;
            this.peer = peer;
            this.presence = presence;
            this.answer = answer;
            this.connection = connection;
        }

        private void endIfSlow() {
            if (isNotTaken(System.nanoTime())) {
                connection.close(true);
            } else if (!isSuspected && presence.isTooSlow(System.nanoTime())) {
                isSuspected = true;
                Thread.ofVirtual().name("conshelf-too-slow").start(this::endIfStillTooSlow);
            }
        }

        private boolean isNotTaken(long nowNanos) {
            OptionalLong until = answerUntil;
            boolean isLate = until.isPresent() && nowNanos - until.getAsLong() > 0;
            return answer.waitingNanos(nowNanos) > (isLate ? NOT_TAKEN_LATE_MAX : NOT_TAKEN_MAX).toNanos();
        }

        /// What reads is a virtual thread as this is: where it could not run, as the processors had other things to do, it has now taken what came.
        private void endIfStillTooSlow() {
            try {
                Thread.sleep(SECOND_LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!presence.isTooSlow(System.nanoTime())) {
                isSuspected = false;
                return;
            }
            try {
                // It may not read either. Half of an answer is ended by the end of the connection alone.
                answer.refuse(TOO_SLOW);
            } catch (UncheckedIOException | UnsupportedOperationException gone) {
                LOG.debug("A client that sends too slowly could not be told: {}", gone.getMessage());
            }
            connection.close(true);
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            connections.put(id, this);
            open.agreed(peer);
            try {
                connection.handle(limit);
            } finally {
                connections.remove(id);
                open.forget(peer);
            }
        }

        @Override
        public Duration idleTime() {
            return connection.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            connection.close(interrupt);
        }
    }

    /// Whether a client is still there; asked while its request is answered, and never beside a reading of its connection.
    interface Presence {
        boolean isGone();

        void begins();

        void ends();

        /// Whether what is awaited of a request does not come at the least rate.
        boolean isTooSlow(long nowNanos);
    }

    /// How many connections would be too slow if nothing more came up to then.
    long tooSlow(long nanos) {
        return connections.values().stream().filter(known -> known.presence.isTooSlow(nanos)).count();
    }

    /// Calls `gone` once if the client of this connection goes away before the watch is closed.
    Watch watch(String connectionId, Runnable gone) {
        var watch = new Watch(Optional.ofNullable(connections.get(connectionId)).map(known -> known.presence), gone);
        watch.again(FIRST_LOOK);
        return watch;
    }

    final class Watch implements AutoCloseable {
        private final Optional<Presence> presence;
        private final Runnable gone;
        private Optional<Future<?>> next = Optional.empty();
        private boolean isClosed;

        private Watch(Optional<Presence> presence, Runnable gone) {
            this.presence = presence;
            this.gone = gone;
        }

        private synchronized void again(Duration wait) {
            if (presence.isPresent() && !isClosed) {
                next = Optional.of(looks.schedule(this::look, wait.toMillis(), TimeUnit.MILLISECONDS));
            }
        }

        private synchronized void look() {
            if (!isClosed) {
                if (presence.orElseThrow().isGone()) {
                    isClosed = true;
                    gone.run();
                }
                again(LOOK_EVERY);
            }
        }

        @Override
        public synchronized void close() {
            isClosed = true;
            next.ifPresent(look -> look.cancel(false));
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
