package io.conshelf.connectors.mqtt;

import java.util.List;

/// A message of a broker.
///
/// @param contentType empty where it has none, as all of MQTT 3.1.1 have
public record MqttMessage(String topic, byte[] payload, Quality quality, Retain retain, String contentType, List<Property> properties) {
    public MqttMessage {
        properties = List.copyOf(properties);
    }

    /// Of service: at most once, at least once, exactly once.
    public enum Quality { AT_MOST_ONCE, AT_LEAST_ONCE, EXACTLY_ONCE }

    public enum Retain { NO, RETAINED }

    /// A user property of MQTT 5.
    public record Property(String name, String value) {}

    public static MqttMessage of(String topic, byte[] payload, Quality quality) {
        return new MqttMessage(topic, payload, quality, Retain.NO, "", List.of());
    }
}
