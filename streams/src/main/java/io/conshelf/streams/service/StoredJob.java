package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.connectors.management.ServiceJson;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// A job as it is stored. It is never changed: a change makes another one.
///
/// @param state    as the service names them
/// @param resource what was put, without its parts: `location`, `tags`, `identity`, `properties`
/// @param parts    by kind and name in lower case
/// @param run      how it was run last: `startMode`, `startTime`, `hasRun`, `lastOutput`, `failure`, `failedAt`, `errors` of data
record StoredJob(JobId id, String etag, String state, ObjectNode resource, Map<PartKind, NavigableMap<String, Part>> parts, ObjectNode run) implements ResourceTable.Row {
    static final String CREATED = "Created";

    StoredJob {
        Map<PartKind, NavigableMap<String, Part>> copy = new EnumMap<>(PartKind.class);
        for (PartKind kind : PartKind.values()) {
            copy.put(kind, new TreeMap<>(parts.getOrDefault(kind, new TreeMap<>())));
        }
        parts = copy;
    }

    record Part(String name, String etag, ObjectNode properties) {
        static Part of(String name, ObjectNode properties) {
            return new Part(name, newEtag(), properties);
        }
    }

    static String newEtag() {
        return UUID.randomUUID().toString();
    }

    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    Optional<Part> part(PartKind kind, String name) {
        return Optional.ofNullable(parts.get(kind).get(key(name)));
    }

    StoredJob with(PartKind kind, Part part) {
        StoredJob changed = new StoredJob(id, newEtag(), state, resource, parts, run);
        if (kind == PartKind.TRANSFORMATION) {
            // There is one, whatever it is called.
            changed.parts.get(kind).clear();
        }
        changed.parts.get(kind).put(key(part.name()), part);
        return changed;
    }

    StoredJob without(PartKind kind, String name) {
        StoredJob changed = new StoredJob(id, newEtag(), state, resource, parts, run);
        changed.parts.get(kind).remove(key(name));
        return changed;
    }

    StoredJob with(ObjectNode other) {
        return new StoredJob(id, newEtag(), state, other, parts, run);
    }

    /// States change without the definition, so the etag stays.
    StoredJob in(String other) {
        return new StoredJob(id, etag, other, resource, parts, run);
    }

    StoredJob ran(ObjectNode other) {
        return new StoredJob(id, etag, state, resource, parts, other);
    }

    /// The whole job as one document of the management interface, secrets and all.
    Located definition() {
        ObjectNode whole = resource.deepCopy().put("name", id.name());
        ObjectNode properties = whole.withObjectProperty("properties");
        for (PartKind kind : PartKind.values()) {
            List<ObjectNode> documents = parts.get(kind).values().stream().map(part -> {
                ObjectNode document = whole.objectNode().put("name", part.name());
                document.set("properties", part.properties());
                return document;
            }).toList();
            if (kind == PartKind.TRANSFORMATION) {
                documents.forEach(document -> properties.set(kind.property(), document));
            } else {
                properties.putArray(kind.property()).addAll(documents);
            }
        }
        return new Located(id.name(), "", whole);
    }

    @Override
    public String key() {
        return id.key();
    }

    @Override
    public String json() {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("subscription", id.subscription()).put("resourceGroup", id.resourceGroup())
                .put("name", id.name()).put("etag", etag).put("state", state);
        json.set("resource", resource);
        json.set("run", run);
        ObjectNode kinds = json.putObject("parts");
        parts.forEach((kind, named) -> {
            ObjectNode list = kinds.putObject(kind.name());
            named.forEach((_, part) -> list.putObject(part.name()).put("etag", part.etag()).set("properties", part.properties()));
        });
        return json.toString();
    }

    static StoredJob of(JsonNode json) {
        Map<PartKind, NavigableMap<String, Part>> parts = new EnumMap<>(PartKind.class);
        for (PartKind kind : PartKind.values()) {
            NavigableMap<String, Part> named = new TreeMap<>();
            json.path("parts").path(kind.name()).properties().forEach(entry -> named.put(key(entry.getKey()),
                    new Part(entry.getKey(), entry.getValue().path("etag").asText(), (ObjectNode) entry.getValue().get("properties"))));
            parts.put(kind, named);
        }
        return new StoredJob(new JobId(json.get("subscription").asText(), json.get("resourceGroup").asText(), json.get("name").asText()),
                json.get("etag").asText(), json.get("state").asText(), (ObjectNode) json.get("resource"), parts, (ObjectNode) json.get("run"));
    }
}
