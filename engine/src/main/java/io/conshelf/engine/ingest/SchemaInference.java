package io.conshelf.engine.ingest;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The columns of a file, told from its content: names from the header, the keys or the file's own schema.
public final class SchemaInference {
    private SchemaInference() {}

    /// @param format `csv`, `tsv`, `json` (lines), `multijson` or `parquet`; a file ending in `.gz` is read compressed
    public static List<ColumnSchema> infer(DuckInstance duck, Path file, String format) {
        try (var connection = duck.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("DESCRIBE SELECT * FROM " + reader(file, format))) {
            var columns = new ArrayList<ColumnSchema>();
            while (rows.next()) {
                columns.add(new ColumnSchema(rows.getString(1), type(rows.getString(2))));
            }
            return columns;
        } catch (SQLException e) {
            throw new KustoException(Errors.badRequest(
                    "The schema of '" + file + "' cannot be inferred as " + format + ": " + e.getMessage()), e);
        }
    }

    private static String reader(Path file, String format) {
        var path = Sql.text(file.toString());
        return switch (format) {
            case "csv" -> "read_csv(" + path + ", header = true, delim = ',', quote = '\"', escape = '\"')";
            case "tsv" -> "read_csv(" + path + ", header = true, delim = '\t', quote = '\"', escape = '\"')";
            case "json" -> "read_json(" + path + ", format = 'newline_delimited', maximum_depth = 1)";
            case "multijson" -> "read_json(" + path + ", format = 'auto', maximum_depth = 1)";
            case "parquet" -> "read_parquet(" + path + ")";
            default -> throw new KustoException(Errors.notSupported("inferring the schema of a file in the format '" + format + "'"));
        };
    }

    /// The Kusto type that holds a DuckDB type's values.
    static Type type(String duckType) {
        var name = duckType.toUpperCase(Locale.ROOT).replaceFirst("\\(.*", "");
        if (duckType.endsWith("]")) {
            return Type.DYNAMIC;
        }
        return switch (name) {
            case "BOOLEAN" -> Type.BOOL;
            case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Type.INT;
            case "BIGINT", "UINTEGER" -> Type.LONG;
            case "FLOAT", "DOUBLE" -> Type.REAL;
            case "DECIMAL", "HUGEINT", "UHUGEINT", "UBIGINT" -> Type.DECIMAL;
            case "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE" -> Type.DATETIME;
            case "TIME", "INTERVAL" -> Type.TIMESPAN;
            case "UUID" -> Type.GUID;
            case "STRUCT", "MAP", "JSON", "UNION", "VARIANT" -> Type.DYNAMIC;
            default -> Type.STRING;
        };
    }
}
