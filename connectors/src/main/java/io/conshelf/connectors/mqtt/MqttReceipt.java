package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.mqtt.MqttMessage.Quality;

/// What a delivery is acknowledged by. It holds nothing of what the message says, so that it may be kept for long. Any thread may use it.
public final class MqttReceipt {
    private final MqttTraffic traffic;
    private final Quality quality;
    private final int packetId;
    /// Guarded by the traffic.
    private boolean isSafe;
    /// Which acknowledgement of the connection it was, from 1 on; 0 before.
    private volatile long acknowledged;

    MqttReceipt(MqttTraffic traffic, Quality quality, int packetId) {
        this.traffic = traffic;
        this.quality = quality;
        this.packetId = packetId;
    }

    /// The number under which the broker waits for it; 0 where it waits for nothing.
    public int packetId() {
        return packetId;
    }

    Quality quality() {
        return quality;
    }

    /// The message is safe, and the broker need not keep it. The broker is told so once all that came before it are safe too: the standard wants acknowledgements
    /// in the order of messages.
    public void acknowledge() {
        if (quality != Quality.AT_MOST_ONCE) {
            traffic.acknowledge(this);
        }
    }

    /// Whether the broker is known to have read it: it has answered something that was sent later.
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
