package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Sends messages to a broker. Belongs to one thread.
public final class MqttSender implements AutoCloseable {
    private final MqttConnection connection;

    private MqttSender(MqttConnection connection) {
        this.connection = connection;
    }

    /// @param clientId never used by two at a time
    public static MqttSender open(MqttBroker broker, String clientId) throws StoreException {
        MqttConnection.Client client = new MqttConnection.Client(clientId, new MqttConnection.Session.Clean(), MqttConnection.IN_FLIGHT_MAX);
        return new MqttSender(MqttConnection.open(broker, client));
    }

    /// Returns when the broker has all of them, as far as their quality says so.
    public void send(List<MqttMessage> messages) throws StoreException {
        connection.publish(messages);
    }

    /// Sends a message, and does not wait for the broker's answer.
    ///
    /// @return ends when the broker has it, as far as its quality says so
    public CompletableFuture<Void> begin(MqttMessage message) throws StoreException {
        return connection.send(message);
    }

    @Override
    public void close() {
        connection.close();
    }
}
