package io.conshelf.connectors;

import java.util.Locale;
import java.util.Optional;

/// The types of a column on its way between stores, by their Kusto names.
public enum ValueType {
    BOOL, INT, LONG, REAL, DECIMAL, STRING, DATETIME, TIMESPAN, GUID, DYNAMIC;

    /// The type's name as Kusto writes it.
    public String kustoName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Reads a Kusto type name or one of its aliases, or the name a definition uses (`Int64`, `DateTimeOffset`).
    public static Optional<ValueType> of(String name) {
        return Optional.ofNullable(switch (name.toLowerCase(Locale.ROOT)) {
            case "bool", "boolean", "sbyte" -> BOOL;
            case "int", "int32", "int16", "uint16", "byte" -> INT;
            case "long", "int64", "uint32", "uint64" -> LONG;
            case "real", "double", "single", "float" -> REAL;
            case "decimal", "sqldecimal" -> DECIMAL;
            case "string", "char" -> STRING;
            case "datetime", "datetimeoffset", "date" -> DATETIME;
            case "timespan", "time" -> TIMESPAN;
            case "guid", "uuid", "uniqueid" -> GUID;
            case "dynamic", "object", "array" -> DYNAMIC;
            default -> null;
        });
    }
}
