package io.conshelf.factory.activity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.kusto.Endpoints;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A request that a web activity makes. It goes to this machine, or to a host that is listed as live.
final class ActivityRequest {
    /// Larger answers fail the activity.
    private static final int RESPONSE_BYTES_MAX = 4 << 20;
    private static final int REDIRECTS_MAX = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    // The client computes these itself.
    private static final Set<String> COMPUTED = Set.of("content-length", "connection", "expect", "upgrade");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ActivityContext context;
    private final HttpClient client;
    private final Located properties;
    private final ActivitySignIn authentication;
    private final Duration timeout;

    private ActivityRequest(ActivityContext context, HttpClient client, ActivitySignIn authentication, Duration timeout) {
        this.context = context;
        this.client = client;
        this.properties = context.properties();
        this.authentication = authentication;
        this.timeout = timeout;
    }

    /// @param text what came back, at most 4 MB of it
    record Answer(int status, HttpResponse<?> response, String text) {
        ObjectNode headers() {
            ObjectNode headers = JsonNodeFactory.instance.objectNode();
            response.headers().map().forEach((name, values) -> headers.put(name, String.join(", ", values)));
            return headers;
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        /// The body where it is a JSON object; anything else is text under `Response`.
        ObjectNode body() {
            try {
                if (JSON.readTree(text) instanceof ObjectNode object) {
                    return object;
                }
            } catch (JsonProcessingException notJson) {
                // below, as text
            }
            return JsonNodeFactory.instance.objectNode().put("Response", text);
        }
    }

    static ActivityRequest of(ActivityContext context, Duration timeout) throws ActivityFailure {
        ActivitySignIn authentication = ActivitySignIn.of(context.properties().at("authentication"), context);
        boolean isTrusting = context.properties().at("disableCertValidation").flag().orElse(false);
        HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout);
        authentication.tls(isTrusting ? ActivitySignIn.Trust.ANYBODY : ActivitySignIn.Trust.KNOWN).ifPresent(client::sslContext);
        return new ActivityRequest(context, client.build(), authentication, timeout);
    }

    static JsonNode parse(String text) throws JsonProcessingException {
        return JSON.readTree(text);
    }

    /// Sends the activity's request.
    Answer send(String method, Optional<String> body) throws ActivityFailure, InterruptedException {
        return send(method, address(properties.at("url").text("").strip()), body, 0);
    }

    /// Asks how far a long operation is, with the headers of the request that started it.
    Answer poll(URI from, String location) throws ActivityFailure, InterruptedException {
        return send("GET", led(from, location), Optional.empty(), 0);
    }

    private URI led(URI from, String location) throws ActivityFailure {
        URI to;
        try {
            to = from.resolve(location.strip().replace(" ", "%20"));
        } catch (IllegalArgumentException notAnAddress) {
            throw ActivityFailure.user("2108", "'" + shown(from) + "' leads to what is not an address");
        }
        return address(to.toString());
    }

    private URI address(String url) throws ActivityFailure {
        URI uri;
        try {
            uri = URI.create(url.replace(" ", "%20"));
        } catch (IllegalArgumentException notAnAddress) {
            throw ActivityFailure.user("2103", "'" + properties.at("url").path() + "' is not an address: " + notAnAddress.getMessage());
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !scheme.equals("http") && !scheme.equals("https")) {
            throw ActivityFailure.user("2103", "'" + properties.at("url").path() + "' is to be an address that begins with http:// or https://");
        }
        if (!context.stores().allows(uri.getHost())) {
            throw ActivityFailure.user("2108", "The host '" + uri.getHost() + "' is not this machine, and not listed under 'live'; list it there to call it");
        }
        return uri;
    }

    private Answer send(String method, URI uri, Optional<String> body, int redirects) throws ActivityFailure, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(timeout)
                .method(method, body.map(text -> BodyPublishers.ofString(text, StandardCharsets.UTF_8)).orElseGet(BodyPublishers::noBody));
        headers(request, uri, body.isPresent());
        HttpResponse<InputStream> response;
        String text;
        try {
            response = client.send(request.build(), BodyHandlers.ofInputStream());
            try (InputStream stream = response.body()) {
                byte[] bytes = stream.readNBytes(RESPONSE_BYTES_MAX + 1);
                if (bytes.length > RESPONSE_BYTES_MAX) {
                    throw ActivityFailure.user("2001", "The answer of '" + shown(uri) + "' is longer than the 4 MB that an activity returns");
                }
                text = new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (HttpTimeoutException late) {
            throw ActivityFailure.user("2128", "No answer from '" + shown(uri) + "' within " + timeout.toSeconds() + " s");
        } catch (IOException failure) {
            throw new ActivityFailure("2128", ActivityFailure.FailureType.USER, "No answer from '" + shown(uri) + "': " + reason(failure), failure);
        }
        Optional<String> location = response.headers().firstValue("Location");
        if (REDIRECTS.contains(response.statusCode()) && location.isPresent()) {
            if (redirects == REDIRECTS_MAX) {
                throw ActivityFailure.user("2108", "'" + shown(uri) + "' leads on more than " + REDIRECTS_MAX + " times");
            }
            boolean keepsMethod = response.statusCode() == 307 || response.statusCode() == 308;
            return send(keepsMethod ? method : "GET", led(uri, location.get()), keepsMethod ? body : Optional.empty(), redirects + 1);
        }
        return new Answer(response.statusCode(), response, text);
    }

    private void headers(HttpRequest.Builder request, URI uri, boolean hasBody) throws ActivityFailure {
        // Whoever the service leads to elsewhere is not to learn what is meant for it.
        boolean isMeant = WebClient.isSameServer(URI.create(properties.at("url").text("").strip().replace(" ", "%20")), uri);
        boolean hasType = false;
        for (Map.Entry<String, Located> header : properties.at("headers").properties()) {
            String name = header.getKey();
            if (COMPUTED.contains(name.toLowerCase(Locale.ROOT)) || !isMeant && WebClient.isSecret(name)) {
                continue;
            }
            hasType |= name.equalsIgnoreCase("Content-Type");
            try {
                request.setHeader(name, header.getValue().value().isValueNode() ? header.getValue().value().asText() : header.getValue().value().toString());
            } catch (IllegalArgumentException notAllowed) {
                throw ActivityFailure.user("2104", "The header '" + name + "' cannot be sent: it is not a header, or is set by the connection itself");
            }
        }
        if (hasBody && !hasType) {
            request.setHeader("Content-Type", "application/json");
        }
        if (isMeant) {
            boolean isHere = Endpoints.isLoopback(uri.getHost());
            // A token would be read by everybody on the way.
            if (!isHere && uri.getScheme().equalsIgnoreCase("http") && authentication instanceof ActivitySignIn.Token) {
                throw ActivityFailure.user("2108", "A token is sent over https only, and '" + shown(uri) + "' begins with http");
            }
            authentication.header(isHere ? ActivitySignIn.Place.HERE : ActivitySignIn.Place.ELSEWHERE, context)
                    .ifPresent(value -> request.setHeader("Authorization", value));
        }
    }

    /// The address without what may be secret in it.
    static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getAuthority().replaceFirst("^[^@]*@", "") + uri.getPath();
    }

    private static String reason(IOException failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
    }
}
