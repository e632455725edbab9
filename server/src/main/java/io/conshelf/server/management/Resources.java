package io.conshelf.server.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The resources that are kept as they were stated, by their paths, whose case does not matter.
final class Resources {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String COLLECTION = "resources";
    private static final int RESOURCES_MAX = 10_000;

    private final ServiceDocuments store;
    private final Map<String, ObjectNode> byPath = new TreeMap<>();

    Resources(ServiceDocuments store) {
        this.store = store;
        store.all(COLLECTION).forEach((path, json) -> byPath.put(path, parsed(json)));
    }

    private static ObjectNode parsed(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (JsonProcessingException | ClassCastException e) {
            throw new IllegalStateException("a resource in the system store is not a JSON object", e);
        }
    }

    synchronized Optional<ObjectNode> find(String path) {
        return Optional.ofNullable(byPath.get(key(path))).map(ObjectNode::deepCopy);
    }

    /// Those directly below a path that ends with a slash.
    synchronized List<ObjectNode> below(String path) {
        String prefix = key(path);
        return byPath.entrySet().stream().filter(entry -> entry.getKey().startsWith(prefix) && entry.getKey().indexOf('/', prefix.length()) < 0)
                .map(entry -> entry.getValue().deepCopy()).toList();
    }

    /// All of a kind that a test of their paths tells.
    synchronized List<ObjectNode> all(Predicate<String> isOne) {
        return byPath.entrySet().stream().filter(entry -> isOne.test(entry.getKey())).map(entry -> entry.getValue().deepCopy()).toList();
    }

    synchronized void put(String path, ObjectNode resource) throws Refusal {
        if (byPath.size() >= RESOURCES_MAX && !byPath.containsKey(key(path))) {
            throw new Refusal(409, "QuotaExceeded", "There are " + RESOURCES_MAX + " resources already; delete some.");
        }
        store.change(List.of(new Change.Put(COLLECTION, key(path), resource.toString())));
        byPath.put(key(path), resource.deepCopy());
    }

    /// Takes a resource away, with all below it.
    ///
    /// @return whether it was there
    synchronized boolean remove(String path) {
        String key = key(path);
        List<String> gone = byPath.keySet().stream().filter(known -> known.equals(key) || known.startsWith(key + "/")).toList();
        store.change(gone.stream().<Change>map(known -> new Change.Remove(COLLECTION, known)).toList());
        return gone.stream().map(byPath::remove).toList().size() > 0 && gone.contains(key);
    }

    /// Lays what a request states over what there is: objects part by part, everything else as a whole.
    static ObjectNode merged(ObjectNode before, JsonNode stated) {
        ObjectNode merged = before.deepCopy();
        stated.properties().forEach(field -> {
            if (merged.get(field.getKey()) instanceof ObjectNode inner && field.getValue().isObject()) {
                merged.set(field.getKey(), merged(inner, field.getValue()));
            } else {
                merged.set(field.getKey(), field.getValue());
            }
        });
        return merged;
    }

    private static String key(String path) {
        return path.toLowerCase(Locale.ROOT);
    }
}
