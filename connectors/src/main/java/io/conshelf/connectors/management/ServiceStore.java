package io.conshelf.connectors.management;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the service needs of a store: documents, which stay until they are removed, and a history, of which only so much is kept.
public interface ServiceStore {
    /// One change of what is kept.
    sealed interface Change {
        /// Creates or replaces a document.
        record Put(String collection, String key, String json) implements Change {}

        record Remove(String collection, String key) implements Change {}

        /// Creates or replaces an entry of the history.
        ///
        /// @param parent what it is a part of
        /// @param at     by which it is found and grows old
        record Remember(String collection, String key, String parent, Instant at, String json) implements Change {}
    }

    /// Makes all changes or none; they are durable when this returns.
    void change(List<Change> changes);

    /// All documents of a collection by key.
    Map<String, String> documents(String collection);

    /// What is remembered of a time, oldest first.
    List<String> history(String collection, Instant from, Instant to);

    /// What is remembered of one parent, oldest first.
    List<String> historyOf(String collection, String parent);

    Optional<String> remembered(String collection, String key);

    /// Forgets what is older, or more, than is kept.
    void prune(String collection, Duration kept, int countMax);
}
