package io.conshelf.kql.type;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The ten scalar types of Kusto, with the names each protocol gives them.
///
/// How a value of a type is held in Java, in constants and in [io.conshelf.kql.value.Chunk]s:
///
/// | type | Java | note |
/// |---|---|---|
/// | `bool` | `Boolean` | |
/// | `int` | `Integer` | |
/// | `long` | `Long` | |
/// | `real` | `Double` | |
/// | `decimal` | `BigDecimal` | up to 38 digits, 17 of them fractional |
/// | `datetime` | `Long` | ticks of 100 ns since 0001-01-01T00:00:00Z |
/// | `timespan` | `Long` | ticks of 100 ns |
/// | `string` | `String` | never null: a missing string is empty |
/// | `guid` | `UUID` | |
/// | `dynamic` | `String` | JSON text in the form of [io.conshelf.kql.value.DynamicText]; a JSON null is a Kusto null |
public enum Type {
    BOOL("bool", "SByte", "System.SByte"),
    INT("int", "Int32", "System.Int32"),
    LONG("long", "Int64", "System.Int64"),
    REAL("real", "Double", "System.Double"),
    DECIMAL("decimal", "SqlDecimal", "System.Data.SqlTypes.SqlDecimal"),
    DATETIME("datetime", "DateTime", "System.DateTime"),
    TIMESPAN("timespan", "TimeSpan", "System.TimeSpan"),
    STRING("string", "String", "System.String"),
    GUID("guid", "Guid", "System.Guid"),
    DYNAMIC("dynamic", "Object", "System.Object");

    private static final Map<String, Type> BY_NAME = Map.ofEntries(
            Map.entry("bool", BOOL), Map.entry("boolean", BOOL),
            Map.entry("int", INT), Map.entry("int32", INT),
            Map.entry("long", LONG), Map.entry("int64", LONG),
            Map.entry("real", REAL), Map.entry("double", REAL),
            Map.entry("decimal", DECIMAL),
            Map.entry("datetime", DATETIME), Map.entry("date", DATETIME),
            Map.entry("timespan", TIMESPAN), Map.entry("time", TIMESPAN),
            Map.entry("string", STRING),
            Map.entry("guid", GUID), Map.entry("uuid", GUID), Map.entry("uniqueid", GUID),
            Map.entry("dynamic", DYNAMIC));

    private final String kustoName;
    private final String dataType;
    private final String clrName;

    Type(String kustoName, String dataType, String clrName) {
        this.kustoName = kustoName;
        this.dataType = dataType;
        this.clrName = clrName;
    }

    /// The name in KQL and in `ColumnType`: `long`.
    public String kustoName() {
        return kustoName;
    }

    /// The name in `DataType` of v1 responses: `Int64`.
    public String dataType() {
        return dataType;
    }

    /// The .NET name, as in schemas printed as JSON: `System.Int64`.
    public String clrName() {
        return clrName;
    }

    /// A type by any of its names or aliases, in any case.
    public static Optional<Type> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }

    public boolean isNumeric() {
        return this == INT || this == LONG || this == REAL || this == DECIMAL;
    }

    public boolean isInteger() {
        return this == INT || this == LONG;
    }

    @Override
    public String toString() {
        return kustoName;
    }
}
