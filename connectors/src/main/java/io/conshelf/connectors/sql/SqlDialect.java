package io.conshelf.connectors.sql;

import io.conshelf.connectors.ValueType;

/// The two languages of SQL stores.
public enum SqlDialect {
    POSTGRESQL("PostgreSQL", 5432), SQL_SERVER("SQL Server", 1433);

    private final String title;
    private final int port;

    SqlDialect(String title, int port) {
        this.title = title;
        this.port = port;
    }

    public String title() {
        return title;
    }

    int port() {
        return port;
    }

    /// A name that means exactly itself.
    public String quote(String name) {
        return switch (this) {
            case POSTGRESQL -> '"' + name.replace("\"", "\"\"") + '"';
            case SQL_SERVER -> '[' + name.replace("]", "]]") + ']';
        };
    }

    /// A text as a literal.
    public String literal(String text) {
        return switch (this) {
            case POSTGRESQL -> text.indexOf('\\') < 0 ? "'" + text.replace("'", "''") + "'" : "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
            case SQL_SERVER -> "N'" + text.replace("'", "''") + "'";
        };
    }

    /// The type of a column that is made for values of a type.
    String columnType(ValueType type) {
        boolean isPostgres = this == POSTGRESQL;
        return switch (type) {
            case BOOL -> isPostgres ? "boolean" : "bit";
            case INT -> isPostgres ? "integer" : "int";
            case LONG -> "bigint";
            case REAL -> isPostgres ? "double precision" : "float";
            case DECIMAL -> isPostgres ? "numeric" : "decimal(38,17)";
            case DATETIME -> isPostgres ? "timestamp with time zone" : "datetime2(7)";
            // A time of day ends at 24 hours, a timespan does not.
            case TIMESPAN -> isPostgres ? "interval" : "nvarchar(32)";
            case GUID -> isPostgres ? "uuid" : "uniqueidentifier";
            case DYNAMIC -> isPostgres ? "jsonb" : "nvarchar(max)";
            case STRING -> isPostgres ? "text" : "nvarchar(max)";
        };
    }

    /// The type that a definition's name of a parameter type stands for, such as `Int32`; the name as it is where there is none.
    String parameterType(String name) {
        boolean isPostgres = this == POSTGRESQL;
        return switch (name.toLowerCase(java.util.Locale.ROOT)) {
            case "string", "char" -> isPostgres ? "text" : "nvarchar(max)";
            case "int16", "byte", "sbyte" -> "smallint";
            case "int", "int32", "uint16" -> isPostgres ? "integer" : "int";
            case "int64", "long", "uint32" -> "bigint";
            case "uint64", "decimal" -> isPostgres ? "numeric" : "decimal(38,10)";
            case "single" -> "real";
            case "double", "float" -> isPostgres ? "double precision" : "float";
            case "boolean", "bool" -> isPostgres ? "boolean" : "bit";
            case "guid" -> isPostgres ? "uuid" : "uniqueidentifier";
            case "datetime", "date" -> isPostgres ? "timestamp" : "datetime2(7)";
            case "datetimeoffset" -> isPostgres ? "timestamp with time zone" : "datetimeoffset(7)";
            case "timespan" -> isPostgres ? "interval" : "time(7)";
            case "byte[]" -> isPostgres ? "bytea" : "varbinary(max)";
            default -> throw new IllegalArgumentException("'" + name + "' is no type of parameters; there are String, Int16, Int32, Int64, Decimal, "
                    + "Single, Double, Boolean, Guid, DateTime, DateTimeOffset, TimeSpan and Byte[]");
        };
    }
}
