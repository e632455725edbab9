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
    private final DocumentSeal seal;

    ServiceDocuments(SystemStore system, String service) {
        this(system, service + "/", DocumentSeal.NONE);
    }

    private ServiceDocuments(SystemStore system, String prefix, DocumentSeal seal) {
        this.system = system;
        this.prefix = prefix;
        this.seal = seal;
    }

    /// The same documents, sealed where they are stored; those that stand there in clear are sealed now. The history is not: what is
    /// remembered of work holds no secrets.
    public ServiceDocuments sealedWith(DocumentSeal newSeal) {
        system.change(system.documentsBelow(prefix).stream().filter(document -> !document.json().startsWith(DocumentSeal.MARK))
                .<Change>map(document -> new Change.Put(document.collection(), document.key(),
                        newSeal.seal(document.collection() + "/" + document.key(), document.json()))).toList());
        return new ServiceDocuments(system, prefix, newSeal);
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
            case Change.Put(String collection, String key, String json) ->
                new Change.Put(prefix + collection, key, seal.seal(prefix + collection + "/" + key, json));
            case Change.Remove(String collection, String key) -> new Change.Remove(prefix + collection, key);
            case Change.Remember(Entry entry) -> new Change.Remember(
                    new Entry(prefix + entry.collection(), entry.key(), entry.parent(), entry.at(), entry.json()));
        }).toList());
    }

    /// All documents of a collection by key, in the keys' order.
    public Map<String, String> all(String collection) {
        Map<String, String> documents = system.all(prefix + collection);
        documents.replaceAll((key, json) -> json.startsWith(DocumentSeal.MARK) ? seal.open(prefix + collection + "/" + key, json) : json);
        return documents;
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
