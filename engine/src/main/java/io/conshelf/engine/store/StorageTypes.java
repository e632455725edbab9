package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;

/// How Kusto's types are stored.
public final class StorageTypes {
    private StorageTypes() {}

    /// The DuckDB type that holds a Kusto type.
    public static String duckType(Type type) {
        return switch (type) {
            case BOOL -> "BOOLEAN";
            case INT -> "INTEGER";
            case LONG, DATETIME, TIMESPAN -> "BIGINT";
            case REAL -> "DOUBLE";
            case DECIMAL -> "DECIMAL(38,17)";
            case STRING, DYNAMIC -> "VARCHAR";
            case GUID -> "UUID";
        };
    }

    /// A column in `CREATE TABLE` and `ADD COLUMN`. Strings are never null, in rows older than the column too.
    static String definition(TableColumn column) {
        String definition = column.id() + " " + duckType(column.type());
        return column.type() == Type.STRING ? definition + " DEFAULT ''" : definition;
    }
}
