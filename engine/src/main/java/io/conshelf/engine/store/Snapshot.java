package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// All databases as they were at one moment; immutable, so a request that holds one needs no locks.
///
/// @param databasesByKey the key is the name in lower case: names of databases ignore case
/// @param unavailable    why databases that there are cannot be used, by the same key
/// @param disabledPlugins plugins that queries may not use
public record Snapshot(SortedMap<String, Database> databasesByKey, SortedMap<String, ServiceError> unavailable, Set<String> disabledPlugins) {
    public Snapshot {
        databasesByKey = Collections.unmodifiableSortedMap(new TreeMap<>(databasesByKey));
        unavailable = Collections.unmodifiableSortedMap(new TreeMap<>(unavailable));
        disabledPlugins = Set.copyOf(disabledPlugins);
    }

    /// In the order of their names.
    public Collection<Database> databases() {
        return databasesByKey.values();
    }

    public Optional<Database> database(String name) {
        return Optional.ofNullable(databasesByKey.get(key(name)));
    }

    /// The database, or the service's error: that there is none, or why it cannot be used.
    public Database existing(String name) {
        return database(name).orElseThrow(() -> new KustoException(
                whyUnavailable(name).orElseGet(() -> StorageErrors.databaseNotFound(name))));
    }

    public Optional<ServiceError> whyUnavailable(String name) {
        return Optional.ofNullable(unavailable.get(key(name)));
    }

    public Optional<Database> databaseById(String id) {
        return databasesByKey.values().stream().filter(d -> d.id().equals(id)).findFirst();
    }

    public Optional<Table> table(TableId id) {
        return databaseById(id.databaseId()).flatMap(d -> d.table(id));
    }

    Snapshot withDisabledPlugins(Set<String> disabled) {
        return new Snapshot(databasesByKey, unavailable, disabled);
    }

    /// As this, with a database as it is within a transaction.
    public Snapshot with(Database database) {
        var databases = new TreeMap<>(databasesByKey);
        databases.put(key(database.name()), database);
        var reasons = new TreeMap<>(unavailable);
        reasons.remove(key(database.name()));
        return new Snapshot(databases, reasons, disabledPlugins);
    }

    Snapshot without(String name) {
        var databases = new TreeMap<>(databasesByKey);
        databases.remove(key(name));
        return new Snapshot(databases, unavailable, disabledPlugins);
    }

    /// As this, with a database that there is but that cannot be used.
    Snapshot withUnavailable(String name, ServiceError reason) {
        var reasons = new TreeMap<>(unavailable);
        reasons.put(key(name), reason);
        return new Snapshot(without(name).databasesByKey, reasons, disabledPlugins);
    }

    static String key(String databaseName) {
        return databaseName.toLowerCase(Locale.ROOT);
    }
}
