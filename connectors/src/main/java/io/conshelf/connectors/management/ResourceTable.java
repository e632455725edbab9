package io.conshelf.connectors.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.management.ServiceStore.Change;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Resources of one kind. A change is stored before it is seen. Safe for use by several threads.
public final class ResourceTable<R extends ResourceTable.Row> {
    private final ServiceStore store;
    private final String collection;
    private final NavigableMap<String, R> rows = new TreeMap<>();

    /// What is stored under a key. It is never changed: a change makes another one.
    public interface Row {
        String key();

        String json();
    }

    /// @param reading of what [Row#json] wrote
    public ResourceTable(ServiceStore store, String collection, Function<JsonNode, R> reading) {
        this.store = store;
        this.collection = collection;
        try {
            for (String json : store.documents(collection).values()) {
                R row = reading.apply(ServiceJson.MAPPER.readTree(json));
                rows.put(row.key(), row);
            }
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("the stored " + collection + " cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }

    public synchronized List<R> all() {
        return List.copyOf(rows.values());
    }

    public synchronized Optional<R> find(String key) {
        return Optional.ofNullable(rows.get(key));
    }

    /// Creates or changes a resource; nobody else changes it meanwhile.
    ///
    /// @param change of the resource as it is, if it is there
    public synchronized R change(String key, Function<Optional<R>, R> change) {
        R after = change.apply(find(key));
        store.change(List.of(new Change.Put(collection, after.key(), after.json())));
        rows.put(after.key(), after);
        return after;
    }

    /// Changes a resource that is there; does nothing where it has gone.
    public synchronized void changeIfThere(String key, UnaryOperator<R> change) {
        find(key).ifPresent(row -> change(key, _ -> change.apply(row)));
    }

    /// @return false if there is none
    public synchronized boolean delete(String key) {
        if (!rows.containsKey(key)) {
            return false;
        }
        store.change(List.of(new Change.Remove(collection, key)));
        rows.remove(key);
        return true;
    }
}
