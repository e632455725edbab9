package io.conshelf.factory.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore.Change;
import java.time.Instant;

/// What a tumbling trigger remembers of one of its windows.
///
/// @param attempt      how often it was tried, reruns included
/// @param retriesLeft  tries that its policy still allows
/// @param notBefore    when it may be tried again
/// @param triggerRunId of the last try; empty before the first
record StoredWindow(long number, TriggerRun.Status status, int attempt, int retriesLeft, Instant notBefore, String triggerRunId) {
    static final String COLLECTION = "triggerWindows";

    Change stored(String triggerKey) {
        String json = ServiceJson.MAPPER.createObjectNode().put("number", number).put("status", status.title()).put("attempt", attempt)
                .put("retriesLeft", retriesLeft).put("notBefore", notBefore.toString()).put("triggerRunId", triggerRunId).toString();
        return new Change.Put(COLLECTION, triggerKey + "/" + number, json);
    }

    static StoredWindow read(String text) {
        try {
            JsonNode json = ServiceJson.MAPPER.readTree(text);
            return new StoredWindow(json.path("number").asLong(), TriggerRun.Status.of(json.path("status").asText()), json.path("attempt").asInt(),
                    json.path("retriesLeft").asInt(), Instant.parse(json.path("notBefore").asText()), json.path("triggerRunId").asText());
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("a trigger's window cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }

    StoredWindow as(TriggerRun.Status other) {
        return new StoredWindow(number, other, attempt, retriesLeft, notBefore, triggerRunId);
    }
}
