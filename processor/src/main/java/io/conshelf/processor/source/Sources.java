package io.conshelf.processor.source;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.connectors.mqtt.MqttConnection.Session;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.InputDefinition;
import io.conshelf.processor.definition.InputDefinition.Settings;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes sources of what definitions say.
public final class Sources {
    private static final long SESSION_SECONDS = Duration.ofDays(30).toSeconds();
    private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(100);

    private Sources() {}

    /// @param clientId as whom a broker keeps the pipeline's session: [#clientId]
    public static Source open(InputDefinition input, String clientId, SignIn signIn, Subscriptions subscriptions) throws StoreException {
        return switch (input.settings()) {
            case Settings.Mqtt mqtt -> new MqttSource(settings(mqtt, clientId, signIn), subscriptions);
            case Settings.Http http -> {
                URI uri = WebClient.address(http.url());
                yield new HttpSource(signIn.web(uri, http.authentication(), HTTP_TIMEOUT), new WebRequest(http.method(), uri, headers(http.headers()), body(http.body())),
                        http.interval());
            }
            case Settings.Sql sql -> new SqlSource(new SqlServers(signIn.endpoints()::allows), SqlTarget.read(switch (sql.kind()) {
                case SQL_SERVER -> SqlDialect.SQL_SERVER;
                case POSTGRESQL -> SqlDialect.POSTGRESQL;
            }, "", Map.of("server", sql.server(), "port", String.valueOf(sql.port()), "database", sql.database()),
                    Optional.of(signIn.database(sql.authentication()))), sql.query(), sql.interval());
        };
    }

    private static MqttSource.Settings settings(Settings.Mqtt mqtt, String clientId, SignIn signIn) throws StoreException {
        return new MqttSource.Settings(signIn.broker(mqtt.broker(), mqtt.authentication(), mqtt.trustedCertificates()), clientId, mqtt.topics(),
                Quality.values()[mqtt.qos()], switch (mqtt.session()) {
                    case KEPT -> new Session.Kept(SESSION_SECONDS);
                    case CLEAN -> new Session.Clean();
                });
    }

    /// Lets the sender forget what it keeps for a pipeline that will not come again.
    public static void forget(InputDefinition input, String clientId, SignIn signIn) throws StoreException {
        switch (input.settings()) {
            case Settings.Mqtt mqtt -> {
                if (mqtt.session() == InputDefinition.Session.KEPT) {
                    MqttSource.forget(settings(mqtt, clientId, signIn));
                }
            }
            // nobody there knows the pipeline
            case Settings.Http _, Settings.Sql _ -> {}
        }
    }

    /// A name that every broker takes (23 letters and digits), and that no other pipeline has.
    public static String clientId(String instance, String pipeline) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest((instance + "\n" + pipeline).getBytes(StandardCharsets.UTF_8));
            return "conshelf" + HexFormat.of().formatHex(digest).substring(0, 15);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static Map<String, String> headers(List<Field.Pair> pairs) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Field.Pair pair : pairs) {
            headers.put(text(pair.key().of(Value.NULL).orElse(Value.NULL)), text(pair.value().of(Value.NULL).orElse(Value.NULL)));
        }
        return headers;
    }

    private static byte[] body(Value body) {
        return body instanceof Value.Null ? new byte[0] : text(body).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Value value) {
        return value instanceof Value.Text(String text) ? text : JsonText.write(value);
    }
}
