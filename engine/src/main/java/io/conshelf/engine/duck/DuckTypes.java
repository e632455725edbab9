package io.conshelf.engine.duck;

import io.conshelf.kql.type.Type;

/// How Kusto's types are held in DuckDB, in tables and in expressions.
public final class DuckTypes {
    private DuckTypes() {}

    public static String of(Type type) {
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
}
