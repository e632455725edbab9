package io.conshelf.factory.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.management.Etags;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The factories and what is in them. A change is stored before it is seen.
final class Definitions {
    private static final String FACTORIES = "factories";
    private static final String RESOURCES = "resources";

    private final ServiceStore store;
    private final NavigableMap<String, Entry> factories = new TreeMap<>();

    /// A factory.
    private record Entry(StoredFactory factory, Map<Kind, NavigableMap<String, StoredResource>> resources) {}

    /// @param document the whole body as it was put, with what the service adds
    record StoredFactory(FactoryId id, String etag, ObjectNode document) {}

    Definitions(ServiceStore store) {
        this.store = store;
        try {
            for (String json : store.documents(FACTORIES).values()) {
                JsonNode stored = ServiceJson.MAPPER.readTree(json);
                FactoryId id = new FactoryId(stored.get("subscription").asText(), stored.get("resourceGroup").asText(), stored.get("name").asText());
                factories.put(id.key(), new Entry(new StoredFactory(id, stored.get("etag").asText(), (ObjectNode) stored.get("document")), kinds()));
            }
            for (Map.Entry<String, String> stored : store.documents(RESOURCES).entrySet()) {
                JsonNode json = ServiceJson.MAPPER.readTree(stored.getValue());
                Optional.ofNullable(factories.get(json.get("factory").asText())).ifPresent(entry -> {
                    StoredResource resource = new StoredResource(Kind.valueOf(json.get("kind").asText()), json.get("name").asText(),
                            json.get("etag").asText(), (ObjectNode) json.get("document"));
                    entry.resources().get(resource.kind()).put(key(resource.name()), resource);
                });
            }
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("the stored factories cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }

    private static Map<Kind, NavigableMap<String, StoredResource>> kinds() {
        Map<Kind, NavigableMap<String, StoredResource>> kinds = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            kinds.put(kind, new TreeMap<>());
        }
        return kinds;
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    synchronized List<StoredFactory> factories() {
        return factories.values().stream().map(Entry::factory).toList();
    }

    synchronized Optional<StoredFactory> factory(FactoryId id) {
        return Optional.ofNullable(factories.get(id.key())).map(Entry::factory);
    }

    private Entry existing(FactoryId id) {
        return Optional.ofNullable(factories.get(id.key())).orElseThrow(() -> FactoryRefusals.noFactory(id));
    }

    synchronized StoredFactory put(FactoryId id, ObjectNode document, Optional<String> ifMatch) {
        Optional<StoredFactory> before = factory(id);
        Etags.require(ifMatch, id.path(), before.map(StoredFactory::etag));
        StoredFactory factory = new StoredFactory(before.map(StoredFactory::id).orElse(id), etag(), document);
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("subscription", factory.id().subscription())
                .put("resourceGroup", factory.id().resourceGroup()).put("name", factory.id().name()).put("etag", factory.etag());
        json.set("document", document);
        store.change(List.of(new Change.Put(FACTORIES, id.key(), json.toString())));
        factories.compute(id.key(), (_, entry) -> new Entry(factory, entry == null ? kinds() : entry.resources()));
        return factory;
    }

    /// Deletes a factory with all that is in it.
    ///
    /// @return false if there is none
    synchronized boolean delete(FactoryId id) {
        Entry entry = factories.get(id.key());
        if (entry == null) {
            return false;
        }
        List<Change> changes = new ArrayList<>();
        entry.resources().values().forEach(kind -> kind.values().forEach(resource -> changes.add(new Change.Remove(RESOURCES, key(id, resource)))));
        changes.add(new Change.Remove(FACTORIES, id.key()));
        store.change(changes);
        factories.remove(id.key());
        return true;
    }

    synchronized Collection<StoredResource> all(FactoryId id, Kind kind) {
        return List.copyOf(existing(id).resources().get(kind).values());
    }

    synchronized Optional<StoredResource> find(FactoryId id, Kind kind, String name) {
        return Optional.ofNullable(existing(id).resources().get(kind).get(key(name)));
    }

    StoredResource get(FactoryId id, Kind kind, String name) {
        return find(id, kind, name).orElseThrow(() -> Refusal.noResource(target(id, kind, name), "The " + kind.title() + " '" + name + "'"));
    }

    synchronized StoredResource put(FactoryId id, Kind kind, String name, ObjectNode document, Optional<String> ifMatch) {
        Entry entry = existing(id);
        String target = target(id, kind, name);
        Optional<StoredResource> before = find(id, kind, name);
        Etags.require(ifMatch, target, before.map(StoredResource::etag));
        ObjectNode whole = document.deepCopy();
        whole.set("properties", DefinitionSecrets.kept((ObjectNode) document.get("properties"), before.map(StoredResource::properties)));
        StoredResource resource = new StoredResource(kind, before.map(StoredResource::name).orElse(name), etag(), whole);
        for (References.Reference reference : References.of(resource.properties())) {
            boolean isItself = reference.kind() == kind && key(reference.name()).equals(key(name));
            if (!isItself && !References.isBuiltIn(reference) && !entry.resources().get(reference.kind()).containsKey(key(reference.name()))) {
                throw FactoryRefusals.invalidReference(target, reference.name());
            }
        }
        store(id, resource);
        entry.resources().get(kind).put(key(name), resource);
        return resource;
    }

    /// Tells whether a trigger is started, with what it says beside it.
    synchronized void runtimeState(FactoryId id, String trigger, String state) {
        Entry entry = existing(id);
        StoredResource before = get(id, Kind.TRIGGER, trigger);
        ObjectNode whole = before.document().deepCopy();
        whole.withObjectProperty("properties").put("runtimeState", state);
        StoredResource after = new StoredResource(Kind.TRIGGER, before.name(), etag(), whole);
        store(id, after);
        entry.resources().get(Kind.TRIGGER).put(key(trigger), after);
    }

    private void store(FactoryId id, StoredResource resource) {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("factory", id.key()).put("kind", resource.kind().name()).put("name", resource.name())
                .put("etag", resource.etag());
        json.set("document", resource.document());
        store.change(List.of(new Change.Put(RESOURCES, key(id, resource), json.toString())));
    }

    /// @return false if there is none
    synchronized boolean delete(FactoryId id, Kind kind, String name) {
        Entry entry = existing(id);
        StoredResource resource = entry.resources().get(kind).get(key(name));
        if (resource == null) {
            return false;
        }
        for (NavigableMap<String, StoredResource> others : entry.resources().values()) {
            for (StoredResource other : others.values()) {
                if (other != resource && References.of(other.properties()).stream()
                        .anyMatch(reference -> reference.kind() == kind && reference.name().equalsIgnoreCase(name))) {
                    throw FactoryRefusals.isReferenced(target(id, kind, name), other.name());
                }
            }
        }
        store.change(List.of(new Change.Remove(RESOURCES, key(id, resource))));
        entry.resources().get(kind).remove(key(name));
        return true;
    }

    static String target(FactoryId id, Kind kind, String name) {
        return "/Microsoft.DataFactory/factories/" + id.name() + "/" + kind.segment() + "/" + name;
    }

    private static String key(FactoryId id, StoredResource resource) {
        return id.key() + "/" + resource.kind().segment() + "/" + key(resource.name());
    }

    private static String etag() {
        return UUID.randomUUID().toString();
    }

    /// The factory as pipelines see it: what is stored now.
    synchronized Factory snapshot(FactoryId id) {
        Entry entry = existing(id);
        String name = entry.factory().id().name();
        List<Resource> resources = new ArrayList<>();
        resources.add(new Resource(Kind.FACTORY, name, new Located("factory/" + name, "", entry.factory().document())));
        entry.resources().values().forEach(kind -> kind.values().forEach(resource -> resources.add(new Resource(resource.kind(),
                resource.name(), new Located(resource.kind().folder() + "/" + resource.name(), "", resource.document())))));
        return Factory.of(Path.of(""), name, resources);
    }
}
