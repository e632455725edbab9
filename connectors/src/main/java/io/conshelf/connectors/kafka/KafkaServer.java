package io.conshelf.connectors.kafka;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Brokers, and how to sign in to them. Its text shows no secret.
///
/// @param bootstrap  host:port, several with commas between
/// @param properties of Kafka's client, what signs in among them
public record KafkaServer(String bootstrap, Map<String, String> properties) implements Serializable {
    private static final int EVENT_HUBS_PORT = 9093;

    public enum Protocol {
        PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL;

        /// Whether somebody signs in.
        public boolean isSignedIn() {
            return this == SASL_PLAINTEXT || this == SASL_SSL;
        }

        /// By the name that definitions or Kafka have for it, such as `SaslSsl` and `SASL_SSL`.
        public static Optional<Protocol> named(String name) {
            return Arrays.stream(values()).filter(one -> plain(one.name()).equals(plain(name))).findFirst();
        }
    }

    public enum Mechanism {
        PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule"),
        SCRAM_SHA_256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
        SCRAM_SHA_512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

        private final String title;
        private final String module;

        Mechanism(String title, String module) {
            this.title = title;
            this.module = module;
        }

        /// By the name that definitions or Kafka have for it, such as `ScramSha256` and `SCRAM-SHA-256`.
        public static Optional<Mechanism> named(String name) {
            return Arrays.stream(values()).filter(one -> plain(one.name()).equals(plain(name))).findFirst();
        }
    }

    public KafkaServer {
        properties = Map.copyOf(properties);
    }

    private static String plain(String name) {
        return name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
    }

    /// Without signing in.
    public static KafkaServer open(String bootstrap, Protocol protocol) {
        return new KafkaServer(bootstrap, Map.of("security.protocol", protocol.name()));
    }

    public static KafkaServer signedIn(String bootstrap, Protocol protocol, Mechanism mechanism, String user, String password) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("security.protocol", protocol.name());
        properties.put("sasl.mechanism", mechanism.title);
        properties.put("sasl.jaas.config", "%s required username=%s password=%s;".formatted(mechanism.module, quoted(user), quoted(password)));
        return new KafkaServer(bootstrap, properties);
    }

    /// The Kafka endpoint of an Event Hubs namespace, or of the Event Hubs compatible endpoint of an IoT hub.
    ///
    /// @param namespace its host name; with a port, whatever speaks Kafka there
    public static KafkaServer eventHubs(String namespace, String policy, String key) {
        String endpoint = "Endpoint=sb://%s/;SharedAccessKeyName=%s;SharedAccessKey=%s".formatted(namespace, policy, key);
        return signedIn(namespace + ':' + EVENT_HUBS_PORT, Protocol.SASL_SSL, Mechanism.PLAIN, "$ConnectionString", endpoint);
    }

    /// As JAAS reads it.
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    @Override
    public String toString() {
        return "KafkaServer[" + bootstrap + "]";
    }
}
