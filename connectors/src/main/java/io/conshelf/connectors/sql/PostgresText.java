package io.conshelf.connectors.sql;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Types;

/// How PostgreSQL is asked to print its values, so that a cluster reads them from CSV as they are. The same text makes the cells of rows.
///
/// Moments that a cluster has no value for (infinity, before the year 1, after 9999) are null; intervals with months, which have no length, keep
/// PostgreSQL's own text.
final class PostgresText {
    private PostgresText() {}

    static Column column(TableColumn source) {
        return new Column(source.name(), type(source));
    }

    private static ValueType type(TableColumn source) {
        return switch (source.typeName()) {
            case "bool" -> ValueType.BOOL;
            case "int2", "int4", "smallserial", "serial" -> ValueType.INT;
            case "int8", "oid", "bigserial" -> ValueType.LONG;
            case "float4", "float8" -> ValueType.REAL;
            case "numeric", "money" -> ValueType.DECIMAL;
            case "date", "timestamp", "timestamptz" -> ValueType.DATETIME;
            case "time", "interval" -> ValueType.TIMESPAN;
            case "uuid" -> ValueType.GUID;
            // JSON and arrays are text on their way, as in the service; a dynamic column reads it.
            default -> ValueType.STRING;
        };
    }

    /// The value of a column as text, in SQL.
    static String expression(String value, TableColumn source) {
        return switch (source.typeName()) {
            case "bool", "json", "jsonb" -> value + "::text";
            case "int2", "int4", "int8", "smallserial", "serial", "bigserial", "oid", "float4", "float8", "numeric", "text", "varchar", "bpchar", "name",
                    "uuid" -> value;
            case "money" -> value + "::numeric";
            case "date" -> "CASE WHEN " + value + " BETWEEN '0001-01-01' AND '9999-12-31' THEN " + value + "::text || 'T00:00:00Z' END";
            case "timestamp" -> moment(value);
            case "timestamptz" -> moment("(" + value + " AT TIME ZONE 'UTC')");
            case "time" -> "CASE WHEN " + value + " = '24:00' THEN '1.00:00:00' ELSE " + value + "::text END";
            case "interval" -> span(value);
            case "bytea" -> "translate(encode(" + value + ", 'base64'), E'\\n', '')";
            default -> source.jdbcType() == Types.ARRAY || source.jdbcType() == Types.STRUCT ? "to_json(" + value + ")::text" : value + "::text";
        };
    }

    private static String moment(String value) {
        return "CASE WHEN " + value + " >= '0001-01-01' AND " + value + " < '10000-01-01' THEN replace(" + value + "::text, ' ', 'T') || 'Z' END";
    }

    private static String span(String value) {
        String seconds = "extract(epoch FROM " + value + ")";
        return "CASE WHEN extract(year FROM " + value + ") = 0 AND extract(month FROM " + value + ") = 0 THEN CASE WHEN " + seconds
                + " < 0 THEN '-' ELSE '' END || div(abs(" + seconds + ")::numeric, 86400)::text || '.' || (interval '1 second' * mod(abs(" + seconds
                + ")::numeric, 86400)::double precision)::text ELSE " + value + "::text END";
    }
}
