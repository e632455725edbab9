package io.conshelf.cli.it;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Resources asked for over plain HTTP, as Azure Resource Manager has them.
///
/// @param always the headers of every request, names and values in turns
record ManagementRest(String base, String apiVersion, List<String> always) {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();

    ManagementRest(String base, String apiVersion) {
        this(base, apiVersion, List.of());
    }

    record Answer(int status, JsonNode body, Map<String, String> headers) {
        String error() {
            return body.at("/error/code").asText() + ": " + body.at("/error/message").asText();
        }
    }

    /// @param path of a resource, or a whole address that an answer gave
    Answer send(String method, String path, String body, String... headers) {
        return exchange(method, path.startsWith("http") ? path : base + path + (path.contains("?") ? "&" : "?") + "api-version=" + apiVersion, body, headers);
    }

    /// With a query string of one's own.
    Answer ask(String method, String path, String query, String body) {
        return exchange(method, base + path + (query.isEmpty() ? "" : "?" + query), body);
    }

    private Answer exchange(String method, String uri, String body, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create(uri)).header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body));
            if (!always.isEmpty()) {
                request.headers(always.toArray(String[]::new));
            }
            if (headers.length > 0) {
                request.headers(headers);
            }
            HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            Map<String, String> received = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            answer.headers().map().forEach((name, values) -> received.put(name, values.getFirst()));
            return new Answer(answer.statusCode(), answer.body().isEmpty() ? MissingNode.getInstance() : JSON.readTree(answer.body()), received);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
