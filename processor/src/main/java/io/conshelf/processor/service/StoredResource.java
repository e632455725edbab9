package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import java.util.UUID;

/// A resource as it is stored. It is never changed: a change makes another one.
///
/// @param state    its provisioning state, as the service names them
/// @param problem  why it has failed; empty where it has not
/// @param resource what was put: `location`, `extendedLocation`, `tags`, `properties`
/// @param system   `createdAt` and what else the interface tells of who changed it and when
record StoredResource(ResourceId id, String etag, String state, String problem, ObjectNode resource, ObjectNode system) implements ResourceTable.Row {
    static final String ACCEPTED = "Accepted";
    static final String UPDATING = "Updating";
    static final String SUCCEEDED = "Succeeded";
    static final String FAILED = "Failed";
    static final String DELETING = "Deleting";

    static String newEtag() {
        return UUID.randomUUID().toString();
    }

    @Override
    public String key() {
        return id.key();
    }

    /// States change without the definition, so the etag stays.
    StoredResource in(String other) {
        return new StoredResource(id, etag, other, "", resource, system);
    }

    StoredResource failed(String why) {
        return new StoredResource(id, etag, FAILED, why, resource, system);
    }

    boolean isEnabled() {
        return resource.path("properties").path("enabled").asBoolean();
    }

    PipelineDefinition pipeline() throws InvalidDefinitionException {
        return Definitions.pipeline(id.name(), resource);
    }

    DatasetDefinition dataset() throws InvalidDefinitionException {
        return Definitions.dataset(id.name(), resource);
    }


    static Refusal missing(ResourceId id) {
        return Refusal.of(404, "ResourceNotFound", id.path(), "The Resource '" + id.kind().type() + "/" + id.ownName() + "' under resource group '"
                + id.resourceGroup() + "' was not found.");
    }

    @Override
    public String json() {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("subscription", id.subscription()).put("resourceGroup", id.resourceGroup())
                .put("instance", id.instance()).put("kind", id.kind().name()).put("name", id.name()).put("etag", etag).put("state", state).put("problem", problem);
        json.set("resource", resource);
        json.set("system", system);
        return json.toString();
    }

    static StoredResource of(JsonNode json) {
        return new StoredResource(new ResourceId(json.get("subscription").asText(), json.get("resourceGroup").asText(), json.get("instance").asText(),
                Kind.valueOf(json.get("kind").asText()), json.get("name").asText()), json.get("etag").asText(), json.get("state").asText(),
                json.get("problem").asText(), (ObjectNode) json.get("resource"), (ObjectNode) json.get("system"));
    }
}
