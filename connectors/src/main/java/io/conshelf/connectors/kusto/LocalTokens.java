package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Tokens of a cluster on this machine that issues them itself. The sign-in library of the official client asks for TLS, which a
/// loopback address has no need of; the requests are the ones that it would send.
public final class LocalTokens {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long ANSWER_BYTES_MAX = 1 << 20;
    // A token that is about to end is not worth starting a request with.
    private static final Duration MARGIN = Duration.ofMinutes(5);

    private final URI cluster;
    private final String resource;
    private final KustoCredential credential;
    private final IdentityEndpoint identity;
    private String token = "";
    private Instant usableUntil = Instant.MIN;

    private LocalTokens(URI cluster, String resource, KustoCredential credential, IdentityEndpoint identity) {
        this.cluster = cluster;
        this.resource = resource;
        this.credential = credential;
        this.identity = identity;
    }

    /// Tokens for the cluster itself. Empty when it asks nobody who they are, or has others issue its tokens.
    static Optional<LocalTokens> of(KustoEndpoint endpoint, KustoCredential credential) throws StoreException {
        return of(endpoint, "", () -> credential);
    }

    /// Who asks for tokens; looked for only where somebody asks.
    @FunctionalInterface
    public interface Who<E extends Exception> {
        KustoCredential credential() throws E, StoreException;
    }

    /// Tokens for a service beside the cluster. Empty when it is not on this machine, asks nobody who they are, or has others
    /// issue its tokens.
    ///
    /// @param resource what they are for, such as `https://vault.azure.net`; empty for the cluster itself
    public static <E extends Exception> Optional<LocalTokens> of(KustoEndpoint endpoint, String resource, Who<E> who) throws StoreException, E {
        // A cluster elsewhere must not lead this machine's credentials to a service of its own naming.
        if (!Endpoints.isLoopback(endpoint.uri().getHost())) {
            return Optional.empty();
        }
        String doing = "Asking " + endpoint.uri() + " how to sign in";
        HttpResponse<String> answer = send(HttpRequest.newBuilder(endpoint.uri().resolve("/v1/rest/auth/metadata")), doing);
        // One that knows nothing of signing in, such as the service's own emulator.
        JsonNode metadata = answer.statusCode() == 404 ? JSON.createObjectNode() : read(answer, doing).path("AzureAD");
        String login = metadata.path("LoginEndpoint").asText();
        String host = login.isEmpty() ? null : URI.create(login).getHost();
        return host != null && Endpoints.isLoopback(host)
                ? Optional.of(new LocalTokens(URI.create(login), resource.isEmpty() ? metadata.path("KustoServiceResourceId").asText() : resource,
                        who.credential(), endpoint.identity()))
                : Optional.empty();
    }

    /// A token that is good for a while.
    public synchronized String token() throws StoreException {
        if (Instant.now().isAfter(usableUntil)) {
            JsonNode answer = switch (credential) {
                case KustoCredential.ServicePrincipal(String id, String key, String tenant) -> json(
                        form(cluster.resolve("/" + encoded(tenant) + "/oauth2/v2.0/token"), Map.of(
                                "grant_type", "client_credentials", "client_id", id, "client_secret", key, "scope", resource + "/.default")),
                        "Signing in as the application '" + id + "'");
                case KustoCredential.ManagedIdentity(var name) -> json(managed(name), "Signing in as the managed identity" + name.map(n -> " '" + n + "'").orElse(""));
                case KustoCredential.None _ -> throw StoreException.user("Unauthorized", "The cluster at " + cluster
                        + " asks who you are: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (its data folder has them in administrator.env,"
                        + " and `conshelf app create` makes more)");
            };
            token = answer.path("access_token").asText();
            usableUntil = Instant.now().plusSeconds(answer.path("expires_in").asLong()).minus(MARGIN);
        }
        return token;
    }

    private HttpRequest.Builder managed(Optional<String> name) throws StoreException {
        if (identity.endpoint().isEmpty()) {
            throw StoreException.user("ManagedIdentityUnavailable", "There is no managed identity here: set IDENTITY_ENDPOINT and IDENTITY_HEADER"
                    + " (the cluster's data folder has them in identity.env)");
        }
        // A GUID is a client id, anything else the resource that is the identity.
        String which = name.map(n -> (n.contains("/") ? "&mi_res_id=" : "&client_id=") + encoded(n)).orElse("");
        return HttpRequest.newBuilder(URI.create(identity.endpoint() + "?api-version=2019-08-01&resource=" + encoded(resource) + which))
                .header("X-IDENTITY-HEADER", identity.header());
    }

    private static HttpRequest.Builder form(URI uri, Map<String, String> fields) {
        return HttpRequest.newBuilder(uri).header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(
                fields.entrySet().stream().map(field -> field.getKey() + "=" + encoded(field.getValue())).collect(Collectors.joining("&"))));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonNode json(HttpRequest.Builder request, String doing) throws StoreException {
        return read(send(request, doing), doing);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String doing) throws StoreException {
        try {
            return HTTP.send(request.timeout(TIMEOUT).build(), BodyHandlers.limiting(BodyHandlers.ofString(), ANSWER_BYTES_MAX));
        } catch (IOException failure) {
            throw StoreException.system("SignInFailed", doing + " failed: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw StoreException.system("SignInFailed", doing + " was interrupted", interrupted);
        }
    }

    private static JsonNode read(HttpResponse<String> answer, String doing) throws StoreException {
        JsonNode body;
        try {
            body = JSON.readTree(answer.body());
        } catch (JsonProcessingException notJson) {
            throw StoreException.system("SignInFailed", doing + " failed: the answer is not JSON", notJson);
        }
        if (answer.statusCode() != 200) {
            String why = body.path("error_description").asText(body.path("message").asText("HTTP " + answer.statusCode()));
            throw StoreException.user("Unauthorized", doing + " failed: " + why);
        }
        return body;
    }

    @Override
    public String toString() {
        return "LocalTokens[" + cluster + ", " + credential + "]";
    }
}
