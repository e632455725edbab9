package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// All databases as they were at one moment; immutable, so a request that holds one needs no locks.
///
/// @param databasesByKey the key is the name in lower case: names of databases ignore case
public record Snapshot(SortedMap<String, Database> databasesByKey) {
    public Snapshot {
        databasesByKey = Collections.unmodifiableSortedMap(new TreeMap<>(databasesByKey));
    }

    /// In the order of their names.
    public Collection<Database> databases() {
        return databasesByKey.values();
    }

    public Optional<Database> database(String name) {
        return Optional.ofNullable(databasesByKey.get(key(name)));
    }

    public Optional<Database> databaseById(String id) {
        return databasesByKey.values().stream().filter(d -> d.id().equals(id)).findFirst();
    }

    public Optional<Table> table(TableId id) {
        return databaseById(id.databaseId()).flatMap(d -> d.table(id));
    }

    /// As this, with a database as it is within a transaction.
    public Snapshot with(Database database) {
        var databases = new TreeMap<>(databasesByKey);
        databases.put(key(database.name()), database);
        return new Snapshot(databases);
    }

    static String key(String databaseName) {
        return databaseName.toLowerCase(Locale.ROOT);
    }
}
