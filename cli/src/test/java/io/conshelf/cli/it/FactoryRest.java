package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.conshelf.cli.it.ManagementRest.Answer;
import java.util.List;
import java.util.Set;

/// A factory asked over plain HTTP.
final class FactoryRest {
    static final String ALL_TIMES = "{\"lastUpdatedAfter\":\"2020-01-01T00:00:00Z\",\"lastUpdatedBefore\":\"2100-01-01T00:00:00Z\"}";
    private static final Set<String> UNDER_WAY = Set.of("Queued", "InProgress", "Canceling");

    private final ManagementRest rest;

    FactoryRest(String url, String name) {
        this(url, name, "lab");
    }

    FactoryRest(String url, String name, String group) {
        this(url, name, group, List.of());
    }

    /// @param always the headers of every request
    FactoryRest(String url, String name, String group, List<String> always) {
        rest = new ManagementRest(url + "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/" + group
                + "/providers/Microsoft.DataFactory/factories/" + name, "2018-06-01", always);
    }

    Answer send(String method, String path, String body, String... headers) {
        return rest.send(method, path, body, headers);
    }

    /// With a query string of one's own.
    Answer ask(String method, String path, String query, String body) {
        return rest.ask(method, path, query, body);
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
