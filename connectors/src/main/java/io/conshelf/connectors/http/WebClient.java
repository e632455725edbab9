package io.conshelf.connectors.http;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
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
import java.util.regex.Pattern;

/// Sends requests as one who is named, to hosts that may be reached. Credentials go to the host they are meant for, over TLS or to this machine.
public final class WebClient {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(30))
            .followRedirects(HttpClient.Redirect.NEVER).build();
    private static final Set<Integer> MOVED = Set.of(301, 302, 303, 307, 308);
    private static final int HOPS_MAX = 10;
    private static final int SHOWN_BYTES = 400;

    // Keys stand in headers of many names.
    private static final Pattern SECRET_HEADER = Pattern.compile("(?i)auth|cookie|key|token|secret|password|signature|credential");

    private final Endpoints endpoints;
    private final URI home;
    private final WebAuthentication authentication;
    private final Map<String, String> secretHeaders;
    private final Duration timeout;

    /// @param home          whom the credentials are meant for
    /// @param secretHeaders go there alone, as `authentication` does
    public WebClient(Endpoints endpoints, URI home, WebAuthentication authentication, Map<String, String> secretHeaders, Duration timeout) {
        this.endpoints = endpoints;
        this.home = home;
        this.authentication = authentication;
        this.secretHeaders = Map.copyOf(secretHeaders);
        this.timeout = timeout;
    }

    WebClient withoutAuthentication() {
        return new WebClient(endpoints, home, new WebAuthentication.Anonymous(), Map.of(), timeout);
    }

    /// Whether what is meant for one address may be told at another: it is the same server, or the same one over TLS.
    public static boolean isSameServer(URI meant, URI asked) {
        if (!String.valueOf(meant.getHost()).equalsIgnoreCase(asked.getHost())) {
            return false;
        }
        boolean isUpgraded = meant.getScheme().equalsIgnoreCase("http") && asked.getScheme().equalsIgnoreCase("https") && port(meant) == 80 && port(asked) == 443;
        return isUpgraded || meant.getScheme().equalsIgnoreCase(asked.getScheme()) && port(meant) == port(asked);
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /// Whether a header of this name is kept from other servers than the one it is meant for.
    public static boolean isSecret(String header) {
        return SECRET_HEADER.matcher(header).find();
    }

    /// An address of a definition.
    public static URI address(String text) throws StoreException {
        try {
            URI uri = URI.create(text.strip().replace(" ", "%20"));
            if (uri.getHost() != null && (uri.getScheme().equalsIgnoreCase("http") || uri.getScheme().equalsIgnoreCase("https"))) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same refusal; a query may hold a secret
        }
        throw StoreException.user("UserErrorInvalidUrl", "'" + text.replaceFirst("\\?.*", "") + "' is not an address; write https://<host>/<path>");
    }

    /// An answer in 200 to 299; anything else is an error.
    public WebAnswer send(WebRequest request) throws StoreException {
        WebRequest next = request;
        for (int hop = 0; hop <= HOPS_MAX; hop++) {
            requireAllowed(next.uri());
            HttpResponse<InputStream> answer = once(next);
            Optional<String> location = answer.headers().firstValue("Location");
            if (!MOVED.contains(answer.statusCode()) || location.isEmpty()) {
                return judged(next, answer);
            }
            close(answer.body());
            boolean keepsBody = answer.statusCode() == 307 || answer.statusCode() == 308;
            next = new WebRequest(keepsBody ? next.method() : "GET", led(next.uri(), location.get()), next.headers(), keepsBody ? next.body() : new byte[0]);
        }
        throw StoreException.user("UserErrorHttpRequestFailed", "'" + shown(request.uri()) + "' leads on and on: more than " + HOPS_MAX + " redirects");
    }

    /// Where an answer leads; never from a connection that nobody reads along to one that many may.
    private static URI led(URI from, String location) throws StoreException {
        URI to;
        try {
            to = from.resolve(location.strip().replace(" ", "%20"));
        } catch (IllegalArgumentException notAnAddress) {
            throw StoreException.user("UserErrorHttpRequestFailed", "'" + shown(from) + "' leads to what is not an address");
        }
        if (isSafe(from) && !isSafe(to)) {
            throw StoreException.user("UserErrorHttpRequestFailed", "'" + shown(from) + "' leads from a safe connection to '" + shown(to) + "', which is none");
        }
        return to;
    }

    private void requireAllowed(URI uri) throws StoreException {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        if (!endpoints.allows(host)) {
            throw StoreException.user("UserErrorEndpointNotAllowed", "'" + host + "' is not on this machine: list it under 'live' to reach it");
        }
    }

    /// Secrets may go there: over TLS, or nowhere beyond this machine.
    void requireSafe(URI uri) throws StoreException {
        if (!isSafe(uri)) {
            throw StoreException.user("UserErrorInsecureEndpoint", "Credentials for '" + uri.getHost() + "' are sent over https only");
        }
    }

    private static boolean isSafe(URI uri) {
        return String.valueOf(uri.getScheme()).equalsIgnoreCase("https") || Endpoints.isLoopback(String.valueOf(uri.getHost()));
    }

    private HttpResponse<InputStream> once(WebRequest request) throws StoreException {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri()).timeout(timeout)
                    .method(request.method(), request.body().length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(request.body()));
            boolean isHome = isSameServer(home, request.uri());
            request.headers().forEach((name, value) -> {
                if (isHome || !isSecret(name)) {
                    builder.setHeader(name, value);
                }
            });
            if (isHome) {
                Optional<String> who = authentication.header(this);
                if (who.isPresent() || !secretHeaders.isEmpty()) {
                    requireSafe(request.uri());
                }
                secretHeaders.forEach(builder::setHeader);
                who.ifPresent(header -> builder.setHeader("Authorization", header));
            }
            return HTTP.send(builder.build(), BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException slow) {
            throw StoreException.system("UserErrorHttpRequestTimeout", "'" + shown(request.uri()) + "' did not answer within " + timeout.toSeconds() + " s", slow);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorHttpRequestFailed", "The request to '" + shown(request.uri()) + "' failed: "
                    + Optional.ofNullable(failure.getMessage()).orElse("no connection"), failure);
        } catch (IllegalArgumentException refused) {
            throw StoreException.user("UserErrorInvalidHttpHeader", "The request to '" + shown(request.uri()) + "' cannot be sent: " + refused.getMessage());
        } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw new StoreException("OperationCancelled", Fault.USER, "The request to '" + shown(request.uri()) + "' was cancelled", cancelled);
        }
    }

    private static WebAnswer judged(WebRequest request, HttpResponse<InputStream> answer) throws StoreException {
        int status = answer.statusCode();
        if (status >= 200 && status < 300) {
            return new WebAnswer(status, request.uri(), answer.headers(), answer.body());
        }
        String said = "";
        try (InputStream body = answer.body()) {
            said = new String(body.readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8).replaceAll("\\s+", " ").strip();
        } catch (IOException gone) {
            // The status says enough.
        }
        Fault fault = status >= 500 || status == 429 || status == 408 ? Fault.SYSTEM : Fault.USER;
        throw new StoreException("UserErrorHttpStatusCode", fault, request.method() + " '" + shown(request.uri()) + "' was answered with HTTP status " + status
                + (said.isEmpty() ? "" : ": " + said));
    }

    private static void close(InputStream body) {
        try (body) {
            body.skip(SHOWN_BYTES);
        } catch (IOException gone) {
            // Nobody reads it.
        }
    }

    /// An address without its query, where keys like to stand.
    static String shown(URI uri) {
        return uri.toString().replaceFirst("[?#].*", "");
    }
}
