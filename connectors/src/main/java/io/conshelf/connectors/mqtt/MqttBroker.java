package io.conshelf.connectors.mqtt;

import java.io.Serializable;
import java.util.Optional;

/// A broker, and how to sign in to it. Its text shows no secret.
///
/// @param login empty for none
/// @param tls   how the connection is encrypted
public record MqttBroker(String host, int port, Version version, Login login, Tls tls) implements Serializable {
    public enum Version { V3_1_1, V5 }

    /// @param user empty where a certificate alone tells who it is
    public record Login(String user, String password) implements Serializable {
        public static final Login NONE = new Login("", "");

        @Override
        public String toString() {
            return "Login[" + user + "]";
        }
    }

    public sealed interface Tls extends Serializable {
        /// The connection is not encrypted.
        record Off() implements Tls {}

        /// @param trusted  PEM text of the authorities that are trusted; empty: those of Java
        /// @param identity what the client shows; empty: nothing
        record On(String trusted, Certificate identity) implements Tls {}
    }

    /// @param chain PEM text of the client's certificate and those that signed it
    /// @param key   PEM text of its private key (PKCS #8)
    public record Certificate(String chain, String key) implements Serializable {
        public static final Certificate NONE = new Certificate("", "");

        Optional<Certificate> given() {
            return chain.isEmpty() ? Optional.empty() : Optional.of(this);
        }

        @Override
        public String toString() {
            return "Certificate[]";
        }
    }

    public static MqttBroker open(String host, int port) {
        return new MqttBroker(host, port, Version.V5, Login.NONE, new Tls.Off());
    }

    public MqttBroker with(Version version) {
        return new MqttBroker(host, port, version, login, tls);
    }

    public MqttBroker with(Login login) {
        return new MqttBroker(host, port, version, login, tls);
    }

    public MqttBroker with(Tls tls) {
        return new MqttBroker(host, port, version, login, tls);
    }
}
