package io.conshelf.processor.secret;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.http.WebAuthentication;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.sql.SqlLogin;
import io.conshelf.processor.definition.Authentication;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How stages sign in to what they read and write. Nothing beyond this machine is reached that is not listed, and secrets go over encrypted connections or to
/// this machine.
public record SignIn(Endpoints endpoints, Secrets secrets) {
    private static final Set<String> ENCRYPTED = Set.of("tls", "mqtts", "ssl");
    private static final Set<String> OPEN = Set.of("tcp", "mqtt");
    private static final int PORT = 1883;
    private static final int TLS_PORT = 8883;
    private static final String AUTHORITY = "https://login.microsoftonline.com/";

    /// @param trusted the name of the secret with the authorities that a broker's certificate may be of; empty for those of Java
    public MqttBroker broker(String address, Authentication authentication, String trusted) throws StoreException {
        URI uri = address(address);
        boolean isEncrypted = ENCRYPTED.contains(uri.getScheme().toLowerCase(Locale.ROOT));
        String host = uri.getHost();
        if (!endpoints.allows(host)) {
            throw StoreException.user("EndpointNotAllowed", "The MQTT broker '" + host + "' is not on this machine: list it under 'live' to reach it");
        }
        MqttBroker broker = MqttBroker.open(host.replaceAll("^\\[|]$", ""), uri.getPort() > 0 ? uri.getPort() : isEncrypted ? TLS_PORT : PORT);
        MqttBroker.Certificate certificate = authentication instanceof Authentication.Certificate(String chain, String key)
                ? new MqttBroker.Certificate(secrets.needed(chain), secrets.needed(key)) : MqttBroker.Certificate.NONE;
        if (isEncrypted) {
            broker = broker.with(new MqttBroker.Tls.On(trusted.isEmpty() ? "" : secrets.needed(trusted), certificate));
        }
        return switch (authentication) {
            case Authentication.UsernamePassword(String user, String password) -> {
                if (!isEncrypted && !Endpoints.isLoopback(host)) {
                    throw StoreException.user("InsecureEndpoint", "Credentials for '" + host + "' are sent over TLS only: write tls://");
                }
                yield broker.with(new MqttBroker.Login(user, secrets.needed(password)));
            }
            case Authentication.Certificate _ -> {
                if (!isEncrypted) {
                    throw StoreException.user("InsecureEndpoint", "A certificate is shown over TLS only: write tls://");
                }
                yield broker;
            }
            // tokens of accounts of Kubernetes are told to brokers there alone; others are asked as nobody
            case Authentication.None _, Authentication.ServiceAccountToken _ -> broker;
            case Authentication.ServicePrincipal _, Authentication.ManagedIdentity _, Authentication.Header _, Authentication.AccessKey _ ->
                throw refused("A broker", authentication);
        };
    }

    private static URI address(String address) throws StoreException {
        try {
            URI uri = URI.create(address.strip());
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() != null && (ENCRYPTED.contains(scheme) || OPEN.contains(scheme))) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same refusal
        }
        throw StoreException.user("InvalidBroker", "'" + address + "' is not the address of a broker: write tls://<host>:<port> or tcp://<host>:<port>");
    }

    public WebClient web(URI home, Authentication authentication, Duration timeout) throws StoreException {
        return switch (authentication) {
            case Authentication.None _ -> web(home, new WebAuthentication.Anonymous(), Map.of(), timeout);
            case Authentication.UsernamePassword(String user, String password) -> web(home, new WebAuthentication.Basic(user, secrets.needed(password)), Map.of(), timeout);
            case Authentication.Header(String key, String value) -> web(home, new WebAuthentication.Anonymous(), Map.of(key, secrets.needed(value)), timeout);
            case Authentication.ServiceAccountToken _, Authentication.ServicePrincipal _, Authentication.ManagedIdentity _, Authentication.AccessKey _,
                    Authentication.Certificate _ -> throw refused("An HTTP endpoint", authentication);
        };
    }

    private WebClient web(URI home, WebAuthentication who, Map<String, String> headers, Duration timeout) {
        return new WebClient(endpoints, home, who, headers, timeout);
    }

    /// How the embedded storage takes those who come in place of a real account.
    public BlobAccount.Door door() throws StoreException {
        Optional<URI> home = endpoints.home();
        return home.isPresent() && KustoCluster.asksWhoOneIs(endpoints.resolve(home.get().toString())) ? BlobAccount.Door.KEYED : BlobAccount.Door.OPEN;
    }

    public BlobAccess blobs(Authentication authentication) throws StoreException {
        return switch (authentication) {
            case Authentication.AccessKey(String key) -> new BlobAccess.AccountKey(secrets.needed(key));
            case Authentication.ServicePrincipal(String tenant, String client, String secret) ->
                new BlobAccess.Identity(new AzureIdentity.ServicePrincipal(client, secrets.needed(secret), tenant, AUTHORITY));
            case Authentication.ManagedIdentity _ -> new BlobAccess.Identity(new AzureIdentity.ManagedIdentity(Optional.empty()));
            case Authentication.None _, Authentication.UsernamePassword _, Authentication.ServiceAccountToken _, Authentication.Header _,
                    Authentication.Certificate _ -> throw refused("A storage account", authentication);
        };
    }

    public SqlLogin database(Authentication authentication) throws StoreException {
        return switch (authentication) {
            case Authentication.None _ -> new SqlLogin.Password(System.getProperty("user.name", ""), "");
            case Authentication.UsernamePassword(String user, String password) -> new SqlLogin.Password(user, secrets.needed(password));
            case Authentication.ServicePrincipal(String tenant, String client, String secret) ->
                new SqlLogin.Token(client, new AzureIdentity.ServicePrincipal(client, secrets.needed(secret), tenant, AUTHORITY));
            case Authentication.ServiceAccountToken _, Authentication.ManagedIdentity _, Authentication.Header _, Authentication.AccessKey _,
                    Authentication.Certificate _ -> throw refused("A database", authentication);
        };
    }

    private static StoreException refused(String what, Authentication authentication) {
        return StoreException.user("AuthenticationNotSupported", what + " is not signed in to by '" + authentication.getClass().getSimpleName() + "'");
    }
}
