package io.conshelf.server.storage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The tables of the process. An operation that returns has happened: when the store is durable, it survives a kill.
///
/// Failures are [StorageException]s: `TableNotFound`, `EntityAlreadyExists`, `ResourceNotFound`, `UpdateConditionNotSatisfied`, …
/// Table names are case-insensitive and keep the case they were made with.
public interface EntityStore {
    /// The condition that any existing entity fulfils.
    String ANY = "*";

    /// Returns whether the table was made now; false when it existed.
    boolean createTable(String table);

    /// Returns whether there was such a table.
    boolean dropTable(String table);

    /// Names in order.
    List<String> tables();

    Optional<Entity> find(String table, EntityKey key);

    /// Refuses with `EntityAlreadyExists`.
    Entity insert(String table, EntityKey key, Map<String, EdmValue> properties);

    /// Sets the given properties and leaves the others; makes the entity when there is none.
    Entity insertOrMerge(String table, EntityKey key, Map<String, EdmValue> properties);

    /// Sets the given properties of an existing entity whose ETag is `ifMatch`, or [#ANY].
    Entity merge(String table, EntityKey key, Map<String, EdmValue> properties, String ifMatch);

    /// Leaves the entity with the given properties only; makes it when there is none.
    Entity insertOrReplace(String table, EntityKey key, Map<String, EdmValue> properties);

    /// Replaces an existing entity whose ETag is `ifMatch`, or [#ANY].
    Entity replace(String table, EntityKey key, Map<String, EdmValue> properties, String ifMatch);

    /// Deletes an existing entity whose ETag is `ifMatch`, or [#ANY].
    void delete(String table, EntityKey key, String ifMatch);

    /// Entities in key order from `from` on, those that pass the filter, at most `max`.
    Page query(String table, EntityKey from, Predicate<Entity> filter, int max);

    /// The first possible key of a table.
    EntityKey FIRST = new EntityKey("", "");

    /// @param next where the next page starts, if there is one
    record Page(List<Entity> entities, Optional<EntityKey> next) {
        public Page {
            entities = List.copyOf(entities);
        }
    }
}
