package io.conshelf.server;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Who is still there: a client that goes away while its query runs ends it. Only reading from a connection tells, so one
/// whose request takes long is read from meanwhile; what comes early is kept for the next request.
final class Clients implements AutoCloseable {
    /// Most requests have been answered by then, and cost nothing more than this appointment.
    private static final Duration FIRST_LOOK = Duration.ofMillis(500);
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Map<String, Presence> connections = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor looks =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("conshelf-clients").factory());

    Clients() {
        looks.setRemoveOnCancelPolicy(true);
    }

    /// The connection, known by its id while it lasts.
    ServerConnection known(String id, Presence presence, ServerConnection connection) {
        return new Known(id, presence, connection);
    }

    private final class Known implements ServerConnection {
        private final String id;
        private final Presence presence;
        private final ServerConnection connection;

        Known(String id, Presence presence, ServerConnection connection) {
            this.id = id;
            this.presence = presence;
            this.connection = connection;
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            connections.put(id, presence);
            try {
                connection.handle(limit);
            } finally {
                connections.remove(id);
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
    }

    /// Calls `gone` once if the client of this connection goes away before the watch is closed.
    Watch watch(String connectionId, Runnable gone) {
        var watch = new Watch(Optional.ofNullable(connections.get(connectionId)), gone);
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
