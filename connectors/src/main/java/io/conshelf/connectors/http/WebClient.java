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
import java.util.Optional;
import java.util.Set;

/// Sends requests as one who is named, to hosts that may be reached. Credentials go to the host they are meant for, over TLS or to this machine.
public final class WebClient {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(30))
            .followRedirects(HttpClient.Redirect.NEVER).build();
    private static final Set<Integer> MOVED = Set.of(301, 302, 303, 307, 308);
    private static final int HOPS_MAX = 10;
    private static final int SHOWN_BYTES = 400;

    private final Endpoints endpoints;
    private final URI home;
    private final WebAuthentication authentication;
    private final Duration timeout;

    /// @param home whom the credentials are meant for
    public WebClient(Endpoints endpoints, URI home, WebAuthentication authentication, Duration timeout) {
        this.endpoints = endpoints;
        this.home = home;
        this.authentication = authentication;
        this.timeout = timeout;
    }

    WebClient withoutAuthentication() {
        return new WebClient(endpoints, home, new WebAuthentication.Anonymous(), timeout);
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
            next = new WebRequest(keepsBody ? next.method() : "GET", next.uri().resolve(location.get()), next.headers(), keepsBody ? next.body() : new byte[0]);
        }
        throw StoreException.user("UserErrorHttpRequestFailed", "'" + shown(request.uri()) + "' leads on and on: more than " + HOPS_MAX + " redirects");
    }

    private void requireAllowed(URI uri) throws StoreException {
        String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
        if (!endpoints.allows(host)) {
            throw StoreException.user("UserErrorEndpointNotAllowed", "'" + host + "' is not on this machine: list it under 'live' to reach it");
        }
    }

    /// Secrets may go there: over TLS, or nowhere beyond this machine.
    void requireSafe(URI uri) throws StoreException {
        if (!String.valueOf(uri.getScheme()).equalsIgnoreCase("https") && !Endpoints.isLoopback(String.valueOf(uri.getHost()))) {
            throw StoreException.user("UserErrorInsecureEndpoint", "Credentials for '" + uri.getHost() + "' are sent over https only");
        }
    }

    private HttpResponse<InputStream> once(WebRequest request) throws StoreException {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(request.uri()).timeout(timeout)
                    .method(request.method(), request.body().length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(request.body()));
            request.headers().forEach(builder::setHeader);
            boolean isHome = home.getHost().equalsIgnoreCase(request.uri().getHost()) && home.getPort() == request.uri().getPort()
                    && home.getScheme().equalsIgnoreCase(request.uri().getScheme());
            Optional<String> who = isHome ? authentication.header(this) : Optional.empty();
            if (who.isPresent()) {
                requireSafe(request.uri());
                builder.setHeader("Authorization", who.get());
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
