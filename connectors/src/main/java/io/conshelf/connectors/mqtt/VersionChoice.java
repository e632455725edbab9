package io.conshelf.connectors.mqtt;

import io.conshelf.connectors.StoreException;

/// Finds the version that a broker speaks: 5, or 3.1.1 where the broker refuses 5. Brokers of the older version may refuse by closing the connection; so does one
/// that is going down, which is not to be taken for an older one, so that has to happen twice in a row.
public final class VersionChoice {
    private static final int CLOSED_MAX = 2;

    private int closed;

    @FunctionalInterface
    public interface Opening<T> {
        T open(MqttBroker broker) throws StoreException;
    }

    public synchronized <T> T open(MqttBroker broker, Opening<T> opening) throws StoreException {
        try {
            T opened = opening.open(broker);
            closed = 0;
            return opened;
        } catch (StoreException e) {
            if (!e.code().equals(MqttConnection.VERSION_REFUSED) || broker.version() == MqttBroker.Version.V3_1_1) {
                throw e;
            }
            closed++;
            if (e.fault() == StoreException.Fault.USER || closed >= CLOSED_MAX) {
                return opening.open(broker.with(MqttBroker.Version.V3_1_1));
            }
            throw e;
        }
    }
}
