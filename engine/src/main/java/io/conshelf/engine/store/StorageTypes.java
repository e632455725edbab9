package io.conshelf.engine.store;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.kql.type.Type;

/// How Kusto's types are stored.
public final class StorageTypes {
    private StorageTypes() {}

    /// A column in `CREATE TABLE` and `ADD COLUMN`. Strings are never null, in rows older than the column too.
    static String definition(TableColumn column) {
        String definition = column.id() + " " + DuckTypes.of(column.type());
        return column.type() == Type.STRING ? definition + " DEFAULT ''" : definition;
    }
}
