package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What takes a while: it is answered at once, and asked for again until it has ended.
final class Operations {
    /// The oldest are forgotten.
    private static final int KEPT_MAX = 1_000;

    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    private sealed interface Outcome {
        record UnderWay() implements Outcome {}

        record Done(Optional<JsonNode> result) implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    synchronized String begin() {
        String id = UUID.randomUUID().toString();
        outcomes.put(id, new Outcome.UnderWay());
        if (outcomes.size() > KEPT_MAX) {
            outcomes.remove(outcomes.keySet().iterator().next());
        }
        return id;
    }

    synchronized void done(String id, Optional<JsonNode> result) {
        outcomes.replace(id, new Outcome.Done(result));
    }

    synchronized void failed(String id, Refusal refusal) {
        outcomes.replace(id, new Outcome.Failed(refusal));
    }

    /// Says where the end is told.
    static ManagementAnswer accepted(ManagementRequest request, String subscription, String id) {
        return new ManagementAnswer(202, Optional.empty(), headers(request, subscription, id));
    }

    private static Map<String, String> headers(ManagementRequest request, String subscription, String id) {
        return Map.of("Location", request.origin() + "/subscriptions/" + subscription + "/providers/Microsoft.StreamAnalytics/locations/local/operationresults/" + id
                + "?api-version=" + request.parameter("api-version").orElse(""), "Retry-After", "1");
    }

    synchronized ManagementAnswer answer(ManagementRequest request, String subscription, String id) {
        return switch (outcomes.get(id)) {
            case null -> throw Refusal.of(404, "NotFound", "", "There is no operation '" + id + "'.");
            case Outcome.UnderWay _ -> accepted(request, subscription, id);
            case Outcome.Done(Optional<JsonNode> result) -> new ManagementAnswer(200, result, Map.of());
            case Outcome.Failed(Refusal refusal) -> throw refusal;
        };
    }
}
