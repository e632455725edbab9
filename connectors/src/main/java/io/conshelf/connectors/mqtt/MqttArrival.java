package io.conshelf.connectors.mqtt;

/// A message as a connection delivered it.
public final class MqttArrival {
    private final MqttMessage message;
    private final Delivered delivered;
    private final MqttReceipt receipt;

    public enum Delivered {
        FIRST,
        /// The broker says that it may have been delivered before.
        AGAIN
    }

    MqttArrival(MqttMessage message, Delivered delivered, MqttReceipt receipt) {
        this.message = message;
        this.delivered = delivered;
        this.receipt = receipt;
    }

    public MqttMessage message() {
        return message;
    }

    public Delivered delivered() {
        return delivered;
    }

    public MqttReceipt receipt() {
        return receipt;
    }
}
