package io.conshelf.engine.ingest;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The columns of a file, told from all of its content: names from the header (the first line), the keys or the file's own
/// schema; a type only where every value is of it.
public final class SchemaInference {
    private SchemaInference() {}

    /// @param format `csv`, `tsv`, `psv`, `scsv`, `json` (lines), `multijson`, `parquet`, `avro` or `orc`; a file ending in
    ///               `.gz` is read compressed
    public static List<ColumnSchema> infer(DuckInstance duck, Path file, String format) {
        return switch (format) {
            case "avro" -> FileColumns.ofAvro(file);
            case "orc" -> FileColumns.ofOrc(file);
            default -> told(duck, file, format);
        };
    }

    private static List<ColumnSchema> told(DuckInstance duck, Path file, String format) {
        var reader = reader(file, format);
        try (var connection = duck.connect()) {
            var names = new ArrayList<String>();
            var types = new ArrayList<String>();
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("DESCRIBE SELECT * FROM " + reader)) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                    types.add(rows.getString(2));
                }
            }
            var mixed = scalarsOfSeveralTypes(connection, reader, types);
            var columns = new ArrayList<ColumnSchema>();
            for (int i = 0; i < names.size(); i++) {
                columns.add(new ColumnSchema(names.get(i), mixed.contains(i) ? Type.STRING : type(types.get(i))));
            }
            return columns;
        } catch (SQLException e) {
            throw new KustoException(Errors.badRequest("The schema of '" + file + "' cannot be inferred: " + problem(format)), e);
        }
    }

    /// Columns that DuckDB leaves as JSON although no value is an object or array, as a title that is sometimes a number.
    private static List<Integer> scalarsOfSeveralTypes(Connection connection, String reader, List<String> types)
            throws SQLException {
        var json = IntStream.range(0, types.size()).filter(i -> types.get(i).equals("JSON")).boxed().toList();
        if (json.isEmpty()) {
            return json;
        }
        var aliases = IntStream.range(0, types.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        var questions = json.stream()
                .map(i -> "coalesce(bool_or(json_type(c" + i + ") IN ('OBJECT', 'ARRAY')), false)")
                .collect(Collectors.joining(", "));
        var scalars = new ArrayList<Integer>();
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT " + questions + " FROM " + reader + " AS t(" + aliases + ")")) {
            row.next();
            for (int i = 0; i < json.size(); i++) {
                if (!row.getBoolean(i + 1)) {
                    scalars.add(json.get(i));
                }
            }
        }
        return scalars;
    }

    private static String reader(Path file, String format) {
        var path = Sql.text(file.toString());
        return switch (format) {
            case "csv" -> delimited(path, ",");
            case "tsv" -> delimited(path, "\t");
            case "psv" -> delimited(path, "|");
            case "scsv" -> delimited(path, ";");
            case "json" -> "read_json(" + path + ", format = 'newline_delimited', maximum_depth = 2, sample_size = -1,"
                    + " ignore_errors = true)";
            case "multijson" -> "read_json(" + path + ", format = 'auto', maximum_depth = 2, sample_size = -1)";
            case "parquet" -> "read_parquet(" + path + ")";
            default -> throw new KustoException(Errors.notSupported("inferring the schema of a file in the format '" + format + "'"));
        };
    }

    // Without these DuckDB looks for a table further down where the first lines do not look like one.
    private static String delimited(String path, String separator) {
        return "read_csv(" + path + ", header = true, skip = 0, comment = '', delim = " + Sql.text(separator)
                + ", quote = '\"', escape = '\"', sample_size = -1)";
    }

    private static String problem(String format) {
        return switch (format) {
            case "parquet" -> "it is not a Parquet file";
            case "json", "multijson" -> "it is not JSON in UTF-8";
            default -> "every record must have as many fields as the first line, in UTF-8, a field with quotes, separators or "
                    + "line breaks in double quotes and a quote within it doubled";
        };
    }

    /// The Kusto type that holds a DuckDB type's values.
    static Type type(String duckType) {
        if (duckType.endsWith("]")) {
            return Type.DYNAMIC;
        }
        return switch (duckType.toUpperCase(Locale.ROOT).replaceFirst("\\(.*", "")) {
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
