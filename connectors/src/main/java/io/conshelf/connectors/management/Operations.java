package io.conshelf.connectors.management;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What takes a while: it is answered at once, and asked for again until it has ended. Safe for use by several threads.
public final class Operations {
    /// The oldest are forgotten.
    private static final int KEPT_MAX = 1_000;

    private final String provider;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    /// @param provider such as `Microsoft.StreamAnalytics`
    public Operations(String provider) {
        this.provider = provider;
    }

    private sealed interface Outcome {
        record UnderWay() implements Outcome {}

        record Done(Optional<JsonNode> result) implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    public synchronized String begin() {
        String id = UUID.randomUUID().toString();
        outcomes.put(id, new Outcome.UnderWay());
        if (outcomes.size() > KEPT_MAX) {
            outcomes.remove(outcomes.keySet().iterator().next());
        }
        return id;
    }

    public synchronized void done(String id, Optional<JsonNode> result) {
        outcomes.replace(id, new Outcome.Done(result));
    }

    public synchronized void failed(String id, Refusal refusal) {
        outcomes.replace(id, new Outcome.Failed(refusal));
    }

    /// Says where the end is told.
    public ManagementAnswer accepted(ManagementRequest request, String subscription, String id) {
        return new ManagementAnswer(202, Optional.empty(), headers(request, subscription, id));
    }

    private Map<String, String> headers(ManagementRequest request, String subscription, String id) {
        return Map.of("Location", link(request, subscription, "operationresults", id), "Retry-After", "1");
    }

    /// Adds to an answer where the state of what it began is told.
    public ManagementAnswer told(ManagementAnswer answer, ManagementRequest request, String subscription, String id) {
        return answer.with("Azure-AsyncOperation", link(request, subscription, "operationstatuses", id)).with("Retry-After", "1");
    }

    private String link(ManagementRequest request, String subscription, String kind, String id) {
        return request.origin() + "/subscriptions/" + subscription + "/providers/" + provider + "/locations/local/" + kind + "/" + id
                + "?api-version=" + URLEncoder.encode(request.parameter("api-version").orElse(""), StandardCharsets.UTF_8);
    }

    /// The state of an operation: `{"id", "name", "status", "error"}`, answered with 200 however it ended.
    public synchronized ManagementAnswer status(ManagementRequest request, String id) {
        ObjectNode status = ServiceJson.MAPPER.createObjectNode().put("id", request.rawPath()).put("name", id);
        return switch (outcomes.get(id)) {
            case null -> throw unknown(id);
            case Outcome.UnderWay _ -> ManagementAnswer.ok(status.put("status", "InProgress")).with("Retry-After", "1");
            case Outcome.Done _ -> ManagementAnswer.ok(status.put("status", "Succeeded"));
            case Outcome.Failed(Refusal refusal) -> ManagementAnswer.ok(status.put("status", "Failed").setAll((ObjectNode) refusal.answer().body().orElseThrow()));
        };
    }

    private static Refusal unknown(String id) {
        return Refusal.of(404, "NotFound", "", "There is no operation '" + id + "'.");
    }

    public synchronized ManagementAnswer answer(ManagementRequest request, String subscription, String id) {
        return switch (outcomes.get(id)) {
            case null -> throw unknown(id);
            case Outcome.UnderWay _ -> accepted(request, subscription, id);
            case Outcome.Done(Optional<JsonNode> result) -> new ManagementAnswer(200, result, Map.of());
            case Outcome.Failed(Refusal refusal) -> throw refusal;
        };
    }
}
