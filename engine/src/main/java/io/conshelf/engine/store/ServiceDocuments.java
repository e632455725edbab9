package io.conshelf.engine.store;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a service beside the cluster keeps in the system store: documents, which stay until they are removed, and a history, of
/// which only so much is kept. Services do not see each other's.
public final class ServiceDocuments {
    private final SystemStore system;
    private final String prefix;

    ServiceDocuments(SystemStore system, String service) {
        this.system = system;
        this.prefix = service + "/";
    }

    /// One change of what is kept.
    public sealed interface Change {
        /// Creates or replaces a document.
        record Put(String collection, String key, String json) implements Change {}

        record Remove(String collection, String key) implements Change {}

        /// Creates or replaces an entry of the history.
        record Remember(Entry entry) implements Change {}
    }

    /// An entry of the history.
    ///
    /// @param parent what it is a part of: those of one parent are found together
    /// @param at     by which it is found and grows old, in microseconds
    public record Entry(String collection, String key, String parent, Instant at, String json) {
        public Entry {
            at = at.truncatedTo(ChronoUnit.MICROS);
        }
    }

    /// How much of a collection of the history is kept.
    public record Bound(Duration kept, int countMax) {}

    /// Makes all changes, in their order, in one transaction; they are durable when this returns.
    public void change(List<Change> changes) {
        system.change(changes.stream().<Change>map(change -> switch (change) {
            case Change.Put(String collection, String key, String json) -> new Change.Put(prefix + collection, key, json);
            case Change.Remove(String collection, String key) -> new Change.Remove(prefix + collection, key);
            case Change.Remember(Entry entry) -> new Change.Remember(
                    new Entry(prefix + entry.collection(), entry.key(), entry.parent(), entry.at(), entry.json()));
        }).toList());
    }

    /// All documents of a collection by key, in the keys' order.
    public Map<String, String> all(String collection) {
        return system.all(prefix + collection);
    }

    /// What is remembered of a time, oldest first.
    public List<String> history(String collection, Instant from, Instant to) {
        return system.history(prefix + collection, "made_on BETWEEN ? AND ?", List.of(HistoryTable.micros(from), HistoryTable.micros(to)));
    }

    /// What is remembered of one parent, oldest first.
    public List<String> historyOf(String collection, String parent) {
        return system.history(prefix + collection, "parent = ?", List.of(parent));
    }

    public Optional<String> remembered(String collection, String key) {
        return system.history(prefix + collection, "key = ?", List.of(key)).stream().findFirst();
    }

    /// Forgets what is older, or more, than is kept.
    public void prune(String collection, Bound bound, Instant now) {
        system.pruneHistory(prefix + collection, bound, now);
    }
}
