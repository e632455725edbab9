package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.store.ChangeOrigin.Author;
import java.util.UUID;

/// A change of what a database, or the cluster, knows, as `.show journal` tells it.
///
/// @param event         as `ALTER-TABLE`
/// @param entity        the name before the change; empty for what was created
/// @param updatedEntity the name after it; empty for what is gone
/// @param container     what the entity is part of
/// @param originalState JSON text, empty for what was created
/// @param updatedState  JSON text, empty for what is gone
public record JournalEntry(
        String event,
        String database,
        String entity,
        String updatedEntity,
        String container,
        String originalVersion,
        String version,
        String originalState,
        String updatedState,
        Author author) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    String toJson() {
        return JSON.createObjectNode()
                .put("event", event)
                .put("database", database)
                .put("entity", entity)
                .put("updatedEntity", updatedEntity)
                .put("container", container)
                .put("originalVersion", originalVersion)
                .put("version", version)
                .put("originalState", originalState)
                .put("updatedState", updatedState)
                .put("principal", author.principal())
                .put("user", author.user())
                .put("clientRequestId", author.clientRequestId())
                .put("activityId", author.activityId().toString())
                .put("command", author.command())
                .toString();
    }

    /// As [LogEntry.Kind#JOURNAL] entries hold it.
    public static JournalEntry parse(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An entry of the journal cannot be read: " + e.getOriginalMessage(), e);
        }
        return new JournalEntry(
                json.required("event").textValue(),
                json.required("database").textValue(),
                json.required("entity").textValue(),
                json.required("updatedEntity").textValue(),
                json.required("container").textValue(),
                json.required("originalVersion").textValue(),
                json.required("version").textValue(),
                json.required("originalState").textValue(),
                json.required("updatedState").textValue(),
                new Author(
                        json.required("principal").textValue(),
                        json.required("user").textValue(),
                        json.required("clientRequestId").textValue(),
                        UUID.fromString(json.required("activityId").textValue()),
                        json.required("command").textValue()));
    }
}
