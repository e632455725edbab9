package io.conshelf.connectors.http;

import com.azure.core.credential.TokenRequestContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureFailure;
import io.conshelf.connectors.azure.AzureIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// How a request says who sends it. Secrets do not show in text.
public sealed interface WebAuthentication {
    /// The `Authorization` header; empty for none.
    Optional<String> header(WebClient client) throws StoreException;

    record Anonymous() implements WebAuthentication {
        @Override
        public Optional<String> header(WebClient client) {
            return Optional.empty();
        }
    }

    record Basic(String user, String password) implements WebAuthentication {
        @Override
        public Optional<String> header(WebClient client) {
            return Optional.of("Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public String toString() {
            return "Basic[" + user + "]";
        }
    }

    /// A token of Microsoft Entra.
    record Entra(AzureIdentity identity, String resource) implements WebAuthentication {
        @Override
        public Optional<String> header(WebClient client) throws StoreException {
            try {
                String scope = resource.replaceFirst("/+$", "") + "/.default";
                return Optional.of("Bearer " + identity.tokens().getTokenSync(new TokenRequestContext().addScopes(scope)).getToken());
            } catch (RuntimeException failure) {
                throw AzureFailure.of("Signing in for '" + resource + "'", "UserErrorAuthenticationFailed", failure);
            }
        }
    }

    /// A token by the client credentials of OAuth 2.
    final class ClientCredentials implements WebAuthentication {
        private static final ObjectMapper JSON = new ObjectMapper();
        private static final long MARGIN_SECONDS = 60;

        private final URI tokenEndpoint;
        private final Map<String, String> form = new LinkedHashMap<>();
        private String token = "";
        private Instant usableUntil = Instant.MIN;

        /// @param others `scope` and `resource`, where they are asked for
        public ClientCredentials(URI tokenEndpoint, String id, String secret, Map<String, String> others) {
            this.tokenEndpoint = tokenEndpoint;
            form.put("grant_type", "client_credentials");
            form.put("client_id", id);
            form.put("client_secret", secret);
            form.putAll(others);
        }

        @Override
        public synchronized Optional<String> header(WebClient client) throws StoreException {
            if (Instant.now().isAfter(usableUntil)) {
                client.requireSafe(tokenEndpoint);
                String body = form.entrySet().stream().map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
                WebRequest request = new WebRequest("POST", tokenEndpoint,
                        Map.of("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"), body.getBytes(StandardCharsets.UTF_8));
                try (WebAnswer answer = client.withoutAuthentication().send(request); InputStream in = answer.body()) {
                    JsonNode json = JSON.readTree(in);
                    token = json.path("access_token").asText();
                    usableUntil = Instant.now().plusSeconds(json.path("expires_in").asLong(0) - MARGIN_SECONDS);
                } catch (IOException failure) {
                    throw StoreException.system("UserErrorAuthenticationFailed", "The answer of '" + tokenEndpoint.getHost() + "' to a request for a token is not JSON", failure);
                }
                if (token.isEmpty()) {
                    throw StoreException.user("UserErrorAuthenticationFailed", "'" + tokenEndpoint.getHost() + "' gave no access_token");
                }
            }
            return Optional.of("Bearer " + token);
        }

        @Override
        public String toString() {
            return "ClientCredentials[" + form.get("client_id") + "]";
        }
    }
}
