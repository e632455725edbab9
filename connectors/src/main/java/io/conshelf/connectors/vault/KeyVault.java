package io.conshelf.connectors.vault;

import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.policy.AddHeadersFromContextPolicy;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.core.http.policy.RetryPolicy;
import com.azure.core.util.ClientOptions;
import com.azure.core.util.Context;
import com.azure.security.keyvault.secrets.SecretClient;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureFailure;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.LocalTokens;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A vault. What was read is kept as long as this is. Safe for use by several threads.
public final class KeyVault {
    private static final String RESOURCE = "https://vault.azure.net";

    private final String name;
    private final SecretClient client;
    private final Signature signature;
    private final GivenSecrets given;
    private final Map<String, String> known = new ConcurrentHashMap<>();

    private KeyVault(String name, SecretClient client, Signature signature, GivenSecrets given) {
        this.name = name;
        this.client = client;
        this.signature = signature;
        this.given = given;
    }

    /// What a request says about who asks, beside what its client says.
    private interface Signature {
        Context context() throws StoreException;
    }

    /// Asked only where the vault is a real one, or stands beside a cluster that asks who one is.
    @FunctionalInterface
    public interface IdentityOf<E extends Exception> {
        AzureIdentity identity() throws E, StoreException;
    }

    /// @param baseUrl as a definition writes it: `https://<vault>.vault.azure.net`
    public static <E extends Exception> KeyVault open(String baseUrl, Endpoints endpoints, GivenSecrets given, IdentityOf<E> who) throws StoreException, E {
        URI uri = parse(baseUrl);
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        String name = host.replaceFirst("\\..*", "");
        if (Endpoints.isLoopback(host)) {
            String base = uri.toString().replaceFirst("/+$", "");
            String vault = base.substring(base.lastIndexOf('/') + 1);
            Optional<URI> home = endpoints.home().filter(cluster -> cluster.getPort() == uri.getPort());
            return home.isPresent() ? beside(home.get(), vault, endpoints, given, who) : new KeyVault(vault, local(base), () -> bearer("local"), given);
        }
        if (endpoints.allows(host)) {
            if (!uri.getScheme().equals("https")) {
                throw StoreException.user("UserErrorInsecureEndpoint", "'" + host + "' is reached over https only, found '" + uri.getScheme() + "'");
            }
            AzureIdentity identity = who.identity();
            try {
                return new KeyVault(name, new SecretClientBuilder().vaultUrl("https://" + uri.getRawAuthority()).credential(identity.tokens())
                        .clientOptions(new ClientOptions().setApplicationId("Conshelf")).buildClient(), () -> Context.NONE, given);
            } catch (RuntimeException failure) {
                throw AzureFailure.of("Connecting to the vault '" + name + "'", "UserErrorInvalidKeyVaultUrl", failure);
            }
        }
        URI home = endpoints.home().orElseThrow(() -> StoreException.user("UserErrorEndpointNotAllowed", "'" + host
                + "' leads to the vault beside an embedded cluster, and there is none beside a cluster elsewhere; list the host under 'live' to reach it"));
        return beside(home, name, endpoints, given, who);
    }

    private static <E extends Exception> KeyVault beside(URI home, String name, Endpoints endpoints, GivenSecrets given, IdentityOf<E> who)
            throws StoreException, E {
        Optional<LocalTokens> tokens = LocalTokens.<E>of(endpoints.resolve(home.toString()), RESOURCE, () -> KustoCredential.of(who.identity()));
        Signature signature = tokens.<Signature>map(issued -> () -> bearer(issued.token())).orElse(() -> bearer("local"));
        return new KeyVault(name, local(home.resolve("/vaults/" + name).toString()), signature, given);
    }

    private static Context bearer(String token) {
        return new Context(AddHeadersFromContextPolicy.AZURE_REQUEST_HTTP_HEADERS_KEY,
                new HttpHeaders().set(HttpHeaderName.AUTHORIZATION, "Bearer " + token));
    }

    // The client's own way to sign in asks for TLS before it shows a token, which a loopback address has no need of.
    private static SecretClient local(String url) {
        HttpPipelinePolicy[] policies = {new RetryPolicy(), new AddHeadersFromContextPolicy()};
        return new SecretClientBuilder().vaultUrl(url)
                .pipeline(new HttpPipelineBuilder().httpClient(HttpClient.createDefault()).policies(policies).build()).buildClient();
    }

    private static URI parse(String baseUrl) throws StoreException {
        try {
            URI uri = URI.create(baseUrl.strip());
            if (uri.getHost() != null && (uri.getScheme().equals("http") || uri.getScheme().equals("https"))) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same refusal
        }
        throw StoreException.user("UserErrorInvalidKeyVaultUrl", "'" + baseUrl + "' is not a vault; write https://<vault>.vault.azure.net");
    }

    /// @param version of the secret; empty for the newest
    public String secret(String secret, Optional<String> version) throws StoreException {
        Optional<String> stated = given.find(name, secret);
        if (stated.isPresent()) {
            return stated.get();
        }
        String key = secret + "/" + version.orElse("");
        String value = known.get(key);
        if (value == null) {
            try {
                value = client.getSecretWithResponse(secret, version.orElse(null), signature.context()).getValue().getValue();
            } catch (ResourceNotFoundException missing) {
                throw StoreException.user("UserErrorSecretNotFound", "Vault '" + name + "' has no secret '" + secret + "'"
                        + version.map(v -> " of version '" + v + "'").orElse("") + "; it can also be given as " + GivenSecrets.variable(secret)
                        + " in the environment, or under 'secrets' in the settings");
            } catch (RuntimeException failure) {
                throw AzureFailure.of("Reading the secret '" + secret + "' of vault '" + name + "'", "UserErrorKeyVaultRequestFailed", failure);
            }
            known.put(key, value);
        }
        return value;
    }
}
