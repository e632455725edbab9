package io.conshelf.factory.service;

import io.conshelf.connectors.management.ServiceStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A store that outlives the services over it, and can take a service's last change at any point, as a crash does.
final class MemoryStore implements ServiceStore {
    private final Map<String, Map<String, String>> documents = new TreeMap<>();
    private final Map<String, Map<String, Change.Remember>> history = new TreeMap<>();

    /// A process over the store: after so many changes nothing of it comes through any more.
    static final class Process implements ServiceStore {
        private final MemoryStore store;
        private final AtomicInteger changesLeft;

        private Process(MemoryStore store, int changes) {
            this.store = store;
            this.changesLeft = new AtomicInteger(changes);
        }

        boolean isDead() {
            return changesLeft.get() <= 0;
        }

        @Override
        public void change(List<Change> changes) {
            if (changesLeft.getAndDecrement() <= 0) {
                changesLeft.set(0);
                throw new IllegalStateException("the process is dead");
            }
            store.change(changes);
        }

        @Override
        public Map<String, String> documents(String collection) {
            return store.documents(collection);
        }

        @Override
        public List<String> history(String collection, Instant from, Instant to) {
            return store.history(collection, from, to);
        }

        @Override
        public List<String> historyOf(String collection, String parent) {
            return store.historyOf(collection, parent);
        }

        @Override
        public Optional<String> remembered(String collection, String key) {
            return store.remembered(collection, key);
        }

        @Override
        public void prune(String collection, Duration kept, int countMax) {
            store.prune(collection, kept, countMax);
        }
    }

    Process process(int changes) {
        return new Process(this, changes);
    }

    @Override
    public synchronized void change(List<Change> changes) {
        for (Change change : changes) {
            switch (change) {
                case Change.Put(String collection, String key, String json) -> documents.computeIfAbsent(collection, _ -> new TreeMap<>()).put(key, json);
                case Change.Remove(String collection, String key) -> documents.computeIfAbsent(collection, _ -> new TreeMap<>()).remove(key);
                case Change.Remember entry -> history.computeIfAbsent(entry.collection(), _ -> new LinkedHashMap<>()).put(entry.key(), entry);
            }
        }
    }

    @Override
    public synchronized Map<String, String> documents(String collection) {
        return new LinkedHashMap<>(documents.getOrDefault(collection, Map.of()));
    }

    @Override
    public synchronized List<String> history(String collection, Instant from, Instant to) {
        return entries(collection).stream().filter(entry -> !entry.at().isBefore(from) && !entry.at().isAfter(to)).map(Change.Remember::json).toList();
    }

    @Override
    public synchronized List<String> historyOf(String collection, String parent) {
        return entries(collection).stream().filter(entry -> entry.parent().equals(parent)).map(Change.Remember::json).toList();
    }

    private List<Change.Remember> entries(String collection) {
        List<Change.Remember> entries = new ArrayList<>(history.getOrDefault(collection, Map.of()).values());
        entries.sort(Comparator.comparing(Change.Remember::at));
        return entries;
    }

    @Override
    public synchronized Optional<String> remembered(String collection, String key) {
        return Optional.ofNullable(history.getOrDefault(collection, Map.of()).get(key)).map(Change.Remember::json);
    }

    @Override
    public void prune(String collection, Duration kept, int countMax) {}
}
