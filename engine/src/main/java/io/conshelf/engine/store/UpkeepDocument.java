package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// How stored results and purges are written down, as part of their database's document.
final class UpkeepDocument {
    private UpkeepDocument() {}

    static void put(ObjectNode json, Upkeep upkeep) {
        ArrayNode results = json.putArray("storedResults");
        for (StoredResult result : upkeep.resultsByName().values()) {
            results.addObject()
                    .put("id", result.id().toString())
                    .put("name", result.name())
                    .put("tableId", result.table().id().tableId())
                    .put("table", SchemaDocument.of(result.table()))
                    .put("principal", result.principal())
                    .put("bytes", result.bytes())
                    .put("rows", result.rows())
                    .put("createdOn", result.createdOn().toString())
                    .put("expiresOn", result.expiresOn().toString());
        }
        ArrayNode purges = json.putArray("purges");
        for (Purge purge : upkeep.purges()) {
            ObjectNode one = purges.addObject()
                    .put("id", purge.id().toString())
                    .put("target", purge.target())
                    .put("isView", purge.isView())
                    .put("predicate", purge.predicate())
                    .put("scheduledOn", purge.scheduledOn().toString())
                    .put("updatedOn", purge.updatedOn().toString())
                    .put("notBefore", purge.notBefore().toString())
                    .put("state", purge.state().kustoName())
                    .put("details", purge.details())
                    .put("engineDuration", purge.engineDuration().toString())
                    .put("retries", purge.retries())
                    .put("clientRequestId", purge.clientRequestId())
                    .put("principal", purge.principal())
                    .put("isErased", purge.isErased());
            purge.engineOperation().ifPresent(id -> one.put("engineOperation", id.toString()));
            purge.engineStartedOn().ifPresent(when -> one.put("engineStartedOn", when.toString()));
        }
    }

    /// A document of before there were any has none.
    static Upkeep read(String databaseId, JsonNode json) {
        Upkeep upkeep = Upkeep.NONE;
        for (JsonNode result : json.path("storedResults")) {
            upkeep = upkeep.with(new StoredResult(
                    UUID.fromString(result.required("id").textValue()),
                    result.required("name").textValue(),
                    SchemaDocument.table(
                            databaseId, result.required("tableId").textValue(), result.required("table").textValue()),
                    result.required("principal").textValue(),
                    result.required("bytes").longValue(),
                    result.required("rows").longValue(),
                    Instant.parse(result.required("createdOn").textValue()),
                    Instant.parse(result.required("expiresOn").textValue())));
        }
        for (JsonNode purge : json.path("purges")) {
            upkeep = upkeep.with(purge(purge), Instant.EPOCH);
        }
        return upkeep;
    }

    private static Purge purge(JsonNode json) {
        return new Purge(
                UUID.fromString(json.required("id").textValue()),
                json.required("target").textValue(),
                json.required("isView").booleanValue(),
                json.required("predicate").textValue(),
                Instant.parse(json.required("scheduledOn").textValue()),
                Instant.parse(json.required("updatedOn").textValue()),
                Instant.parse(json.path("notBefore").asText(json.required("scheduledOn").textValue())),
                Purge.State.named(json.required("state").textValue()),
                json.required("details").textValue(),
                Optional.ofNullable(json.get("engineOperation")).map(id -> UUID.fromString(id.textValue())),
                Optional.ofNullable(json.get("engineStartedOn")).map(when -> Instant.parse(when.textValue())),
                Duration.parse(json.required("engineDuration").textValue()),
                json.required("retries").intValue(),
                json.required("clientRequestId").textValue(),
                json.required("principal").textValue(),
                json.required("isErased").booleanValue());
    }
}
