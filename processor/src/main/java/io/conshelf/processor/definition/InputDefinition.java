package io.conshelf.processor.definition;

import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.util.List;

/// Where a pipeline's messages come from.
///
/// @param type as [StageTypes] spells it
public record InputDefinition(String type, String title, Settings settings, FormatDefinition format, int partitionCount, PartitionStrategy partitionStrategy) {
    public sealed interface Settings {
        /// @param broker a URL, of tcp, mqtt, tls, mqtts or ssl
        /// @param trustedCertificates the name of a secret, or empty
        record Mqtt(String broker, List<String> topics, int qos, Session session, Authentication authentication, String trustedCertificates) implements Settings {
            public Mqtt {
                topics = List.copyOf(topics);
            }
        }

        /// @param method  `GET` or `POST`
        /// @param body    [Value#NULL] where there is none; a text goes as it is
        /// @param headers always the same
        record Http(String url, String method, Duration interval, Value body, List<Field.Pair> headers, Authentication authentication) implements Settings {
            public Http {
                headers = List.copyOf(headers);
            }
        }

        record Sql(Database kind, String server, int port, String database, String query, Duration interval, Authentication authentication) implements Settings {}
    }

    public enum Database { SQL_SERVER, POSTGRESQL }

    public enum Session {
        /// The broker keeps what comes while nobody is there.
        KEPT,
        /// `cleanSession`
        CLEAN
    }
}
