package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A factory asked over plain HTTP.
final class FactoryRest {
    static final String ALL_TIMES = "{\"lastUpdatedAfter\":\"2020-01-01T00:00:00Z\",\"lastUpdatedBefore\":\"2100-01-01T00:00:00Z\"}";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();
    private static final Set<String> UNDER_WAY = Set.of("Queued", "InProgress", "Canceling");

    private final String base;
    private final List<String> always;

    FactoryRest(String url, String name) {
        this(url, name, "lab");
    }

    FactoryRest(String url, String name, String group) {
        this(url, name, group, List.of());
    }

    /// @param always the headers of every request
    FactoryRest(String url, String name, String group, List<String> always) {
        this.always = always;
        this.base = url + "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/" + group + "/providers/Microsoft.DataFactory/factories/" + name;
    }

    record Answer(int status, JsonNode body, Map<String, String> headers) {
        String error() {
            return body.at("/error/code").asText() + ": " + body.at("/error/message").asText();
        }
    }

    Answer send(String method, String path, String body, String... headers) {
        return exchange(method, path, "api-version=2018-06-01", body, headers);
    }

    /// With a query string of one's own.
    Answer ask(String method, String path, String query, String body) {
        return exchange(method, path, query, body);
    }

    private Answer exchange(String method, String path, String query, String body, String... headers) {
        try {
            var request = HttpRequest.newBuilder(URI.create(base + path + (query.isEmpty() ? "" : "?" + query)))
                    .header("Content-Type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body));
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

    /// Creates or replaces something, which is to succeed.
    JsonNode put(String path, String body) {
        Answer answer = send("PUT", path, body);
        assertThat(answer.status()).as(path + " " + answer.body()).isEqualTo(200);
        return answer.body();
    }

    void pipeline(String name, String properties) {
        put("/pipelines/" + name, "{\"properties\":" + properties + "}");
    }

    String run(String pipeline, String parameters, String... query) {
        Answer answer = ask("POST", "/pipelines/" + pipeline + "/createRun", String.join("&", query) + "&api-version=2018-06-01", parameters);
        assertThat(answer.status()).as("createRun of %s: %s", pipeline, answer.body()).isEqualTo(200);
        return answer.body().get("runId").asText();
    }

    JsonNode runOf(String runId) {
        return send("GET", "/pipelineruns/" + runId, "").body();
    }

    String status(String runId) {
        return runOf(runId).path("status").asText();
    }

    JsonNode awaitEnd(String runId) {
        return Eventually.holds(() -> runOf(runId), run -> !UNDER_WAY.contains(run.path("status").asText()));
    }

    JsonNode activityRuns(String runId) {
        return send("POST", "/pipelineruns/" + runId + "/queryActivityruns", ALL_TIMES).body().path("value");
    }

    /// The last attempt at an activity.
    JsonNode activity(String runId, String name) {
        JsonNode found = MissingNode.getInstance();
        for (JsonNode run : activityRuns(runId)) {
            if (run.path("activityName").asText().equals(name)) {
                found = run;
            }
        }
        return found;
    }
}
