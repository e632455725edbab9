package io.conshelf.cli;

import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.engine.store.ServiceDocuments;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The cluster's system store as a service beside the cluster needs it.
record HostedStore(ServiceDocuments documents) implements ServiceStore {
    @Override
    public void change(List<Change> changes) {
        documents.change(changes.stream().<ServiceDocuments.Change>map(change -> switch (change) {
            case Change.Put(String collection, String key, String json) -> new ServiceDocuments.Change.Put(collection, key, json);
            case Change.Remove(String collection, String key) -> new ServiceDocuments.Change.Remove(collection, key);
            case Change.Remember(String collection, String key, String parent, Instant at, String json) ->
                new ServiceDocuments.Change.Remember(new ServiceDocuments.Entry(collection, key, parent, at, json));
        }).toList());
    }

    @Override
    public Map<String, String> documents(String collection) {
        return documents.all(collection);
    }

    @Override
    public List<String> history(String collection, Instant from, Instant to) {
        return documents.history(collection, from, to);
    }

    @Override
    public List<String> historyOf(String collection, String parent) {
        return documents.historyOf(collection, parent);
    }

    @Override
    public Optional<String> remembered(String collection, String key) {
        return documents.remembered(collection, key);
    }

    @Override
    public void prune(String collection, Duration kept, int countMax) {
        documents.prune(collection, new ServiceDocuments.Bound(kept, countMax), Instant.now());
    }
}
