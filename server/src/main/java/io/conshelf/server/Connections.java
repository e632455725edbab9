package io.conshelf.server;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which connections are open, so that one address leaves some to all others, and one that does not come as far as its first request is ended.
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /// What one address leaves to the others, or may have: of all.
    private static final int PARTS = 8;
    private static final int OF_ADDRESS_MIN = 16;
    /// In which https is to be agreed upon.
    static final Duration AGREEMENT = Duration.ofSeconds(30);
    /// Of those that are turned away the log tells so often.
    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    private final int ofMachineMax;
    private final int ofAddressMax;
    private final Map<SocketAddress, Open> open = new HashMap<>();
    private final Map<String, Integer> byNetwork = new HashMap<>();
    private long turnedAway;
    private long toldNanos;

    private static final class Open {
        private final SocketChannel channel;
        private final String network;
        private final long since = System.nanoTime();
        private boolean isAgreed;

        Open(SocketChannel channel, String network) {
            this.channel = channel;
            this.network = network;
        }
    }

    /// @param max at once, from everywhere
    Connections(int max) {
        this.ofMachineMax = max - max / PARTS;
        this.ofAddressMax = Math.min(ofMachineMax, Math.max(OF_ADDRESS_MIN, max / PARTS));
    }

    /// Options that are asked for with each connection when it comes: the one place where it can be turned away before anything is spent on it.
    SocketOptions watching(SocketOptions options) {
        return new Watching(options);
    }

    /// @throws IllegalStateException where the address has as many as it may: the web server closes this one
    private void comes(SocketChannel channel) throws IOException {
        if (!(channel.getRemoteAddress() instanceof InetSocketAddress peer) || peer.getAddress() == null) {
            return;
        }
        String network = StrangerLimits.network(peer.getAddress().getHostAddress());
        int max = peer.getAddress().isLoopbackAddress() ? ofMachineMax : ofAddressMax;
        synchronized (this) {
            if (byNetwork.getOrDefault(network, 0) >= max) {
                forgetClosed();
            }
            if (byNetwork.getOrDefault(network, 0) >= max) {
                turnedAway(network, max);
                throw new IllegalStateException("'" + network + "' has " + max + " connections, as many as one address may");
            }
            forget(peer);
            open.put(peer, new Open(channel, network));
            byNetwork.merge(network, 1, Integer::sum);
        }
    }

    private void turnedAway(String network, int max) {
        turnedAway++;
        long now = System.nanoTime();
        if (turnedAway == 1 || now - toldNanos > TOLD_EVERY.toNanos()) {
            LOG.warn("A connection of '{}' was closed as it came: {} are open, as many as one address may have. {} were closed so since the start",
                    network, max, turnedAway);
            toldNanos = now;
        }
    }

    /// How many were closed as they came.
    synchronized long turnedAway() {
        return turnedAway;
    }

    /// It speaks HTTP from now on.
    synchronized void agreed(SocketAddress peer) {
        Optional.ofNullable(open.get(peer)).ifPresent(connection -> connection.isAgreed = true);
    }

    synchronized void forget(SocketAddress peer) {
        Open gone = open.remove(peer);
        if (gone != null) {
            byNetwork.computeIfPresent(gone.network, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    private void forgetClosed() {
        open.entrySet().stream().filter(entry -> !entry.getValue().channel.isOpen()).map(Map.Entry::getKey).toList().forEach(this::forget);
    }

    /// Ends those that have not agreed in their time. To be called now and then.
    synchronized void endSilent(long nowNanos) {
        forgetClosed();
        for (Open connection : open.values()) {
            if (!connection.isAgreed && nowNanos - connection.since > AGREEMENT.toNanos()) {
                try {
                    connection.channel.close();
                } catch (IOException e) {
                    LOG.debug("A connection that does not agree on https could not be closed: {}", e.getMessage());
                }
            }
        }
    }

    /// As its options, but asked.
    private final class Watching implements SocketOptions {
        private final SocketOptions options;

        Watching(SocketOptions options) {
            this.options = options;
        }

        @Override
        public void configureSocket(SocketChannel channel) {
            try {
                comes(channel);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            options.configureSocket(channel);
        }

        @Override
        public Map<SocketOption<?>, Object> socketOptions() {
            return options.socketOptions();
        }

        @Override
        public Duration connectTimeout() {
            return options.connectTimeout();
        }

        @Override
        public Duration readTimeout() {
            return options.readTimeout();
        }

        @Override
        public Optional<Integer> socketReceiveBufferSize() {
            return options.socketReceiveBufferSize();
        }

        @Override
        public Optional<Integer> socketSendBufferSize() {
            return options.socketSendBufferSize();
        }

        @Override
        public boolean socketReuseAddress() {
            return options.socketReuseAddress();
        }

        @Override
        public boolean socketKeepAlive() {
            return options.socketKeepAlive();
        }

        @Override
        public boolean tcpNoDelay() {
            return options.tcpNoDelay();
        }
    }
}
