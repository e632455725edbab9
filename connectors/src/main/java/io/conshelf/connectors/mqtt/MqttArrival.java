package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.mqtt.MqttMessage.Quality;

/// A message as a connection delivered it. Any thread may acknowledge it.
public final class MqttArrival {
    private final MqttTraffic traffic;
    private final MqttMessage message;
    private final int packetId;
    private final Delivered delivered;
    /// Guarded by the traffic.
    private boolean isSafe;
    /// Which acknowledgement of the connection it was, from 1 on; 0 before.
    private volatile long acknowledged;

    public enum Delivered {
        FIRST,
        /// The broker says that it may have been delivered before.
        AGAIN
    }

    MqttArrival(MqttTraffic traffic, MqttMessage message, int packetId, Delivered delivered) {
        this.traffic = traffic;
        this.message = message;
        this.packetId = packetId;
        this.delivered = delivered;
    }

    public MqttMessage message() {
        return message;
    }

    /// The number under which the broker waits for its acknowledgement; 0 where it waits for none.
    public int packetId() {
        return packetId;
    }

    public Delivered delivered() {
        return delivered;
    }

    /// It is safe, and the broker need not keep it. The broker is told so once all that came before it are safe too: the standard wants acknowledgements in
    /// the order of messages.
    public void acknowledge() {
        if (message.quality() != Quality.AT_MOST_ONCE) {
            traffic.acknowledge(this);
        }
    }

    /// Whether the broker is known to have read its acknowledgement: it has answered something that was sent later.
    public boolean isForgotten() {
        return acknowledged > 0 && acknowledged <= traffic.confirmed();
    }

    boolean isSafe() {
        return isSafe;
    }

    void becomeSafe() {
        isSafe = true;
    }

    void acknowledged(long number) {
        acknowledged = number;
    }
}
