package io.conshelf.connectors.mqtt;

import java.util.List;

/// A message of a broker.
public record MqttMessage(String topic, byte[] payload, Quality quality, Retain retain, Description description, List<Property> properties) {
    public MqttMessage {
        properties = List.copyOf(properties);
    }

    /// Of service: at most once, at least once, exactly once.
    public enum Quality { AT_MOST_ONCE, AT_LEAST_ONCE, EXACTLY_ONCE }

    public enum Retain { NO, RETAINED }

    /// A user property of MQTT 5.
    public record Property(String name, String value) {}

    public enum PayloadFormat { NOT_STATED, BYTES, TEXT }

    /// What MQTT 5 says of a message; those of 3.1.1 have none of it.
    ///
    /// @param contentType     empty where it has none
    /// @param responseTopic   empty where it has none
    /// @param correlationData empty where it has none
    /// @param expirySeconds   what is left of its life; -1 where it does not end
    public record Description(String contentType, String responseTopic, byte[] correlationData, PayloadFormat payloadFormat, long expirySeconds) {
        public static final Description NONE = new Description("", "", new byte[0], PayloadFormat.NOT_STATED, -1);
    }

    public static MqttMessage of(String topic, byte[] payload, Quality quality) {
        return new MqttMessage(topic, payload, quality, Retain.NO, Description.NONE, List.of());
    }
}
