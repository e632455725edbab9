package io.conshelf.engine.ingest;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The columns of a file, told from all of its content: names from the header (the first line), the keys or the file's own
/// schema; a type only where every value is of it.
public final class SchemaInference {
    private static final Map<String, String> DELIMITERS = Map.of("csv", ",", "tsv", "\t", "psv", "|", "scsv", ";", "sohsv", "\u0001");

    private SchemaInference() {}

    /// @param format `csv`, `tsv`, `psv`, `scsv`, `json` (lines), `multijson`, `parquet`, `avro` or `orc`; a file ending in
    ///               `.gz` is read compressed
    public static List<ColumnSchema> infer(DuckInstance duck, Path file, String format) {
        return infer(duck, file, new Content(file.toString(), format, true)).columns();
    }

    /// What a file is said to hold.
    ///
    /// @param location  what errors call it
    /// @param format    also `sohsv`, `singlejson` and `apacheavro`
    /// @param hasHeader whether the first line of delimited text has names; otherwise they are `Column1`, `Column2` …
    public record Content(String location, String format, boolean hasHeader) {
        private boolean isDelimited() {
            return DELIMITERS.containsKey(format);
        }
    }

    /// @param ranges of the columns of type `long` that have a value, where that is told by reading them
    public record Inferred(List<ColumnSchema> columns, Map<String, Range> ranges) {
        public Inferred {
            columns = List.copyOf(columns);
            ranges = Map.copyOf(ranges);
        }
    }

    /// The smallest and the largest value of a column.
    public record Range(long least, long most) {}

    /// The columns of a file, packed by gzip or not.
    public static Inferred infer(DuckInstance duck, Path file, Content content) {
        return switch (content.format()) {
            case "avro", "apacheavro" -> new Inferred(FileColumns.ofAvro(file), Map.of());
            case "orc" -> new Inferred(FileColumns.ofOrc(file), Map.of());
            default -> told(duck, file, content);
        };
    }

    private static Inferred told(DuckInstance duck, Path file, Content content) {
        var reader = reader(file, content);
        var stop = WriteStop.current();
        try (var connection = duck.connect()) {
            var names = new ArrayList<String>();
            var types = new ArrayList<String>();
            try (var statement = connection.createStatement();
                    var rows = stop.during(statement, () -> statement.executeQuery("DESCRIBE SELECT * FROM " + reader))) {
                while (rows.next()) {
                    names.add(content.isDelimited() && !content.hasHeader() ? "Column" + (names.size() + 1) : rows.getString(1));
                    types.add(rows.getString(2));
                }
            }
            var mixed = scalarsOfSeveralTypes(connection, reader, types);
            var columns = new ArrayList<ColumnSchema>();
            for (int i = 0; i < names.size(); i++) {
                columns.add(new ColumnSchema(names.get(i), mixed.contains(i) ? Type.STRING : type(types.get(i))));
            }
            return new Inferred(columns, ranges(connection, reader, columns));
        } catch (SQLException e) {
            stop.check();
            throw new KustoException(Errors.badRequest(
                    "The schema of '" + content.location() + "' cannot be inferred: " + problem(content.format())), e);
        }
    }

    private static Map<String, Range> ranges(Connection connection, String reader, List<ColumnSchema> columns) throws SQLException {
        var longs = IntStream.range(0, columns.size()).filter(i -> columns.get(i).type() == Type.LONG).boxed().toList();
        if (longs.isEmpty()) {
            return Map.of();
        }
        var aliases = IntStream.range(0, columns.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        var questions = longs.stream().map(i -> "min(c" + i + "), max(c" + i + ")").collect(Collectors.joining(", "));
        var ranges = new HashMap<String, Range>();
        try (var statement = connection.createStatement();
                var row = WriteStop.current().during(
                        statement, () -> statement.executeQuery("SELECT " + questions + " FROM " + reader + " AS t(" + aliases + ")"))) {
            row.next();
            for (int i = 0; i < longs.size(); i++) {
                long least = row.getLong(2 * i + 1);
                if (!row.wasNull()) {
                    ranges.put(columns.get(longs.get(i)).name(), new Range(least, row.getLong(2 * i + 2)));
                }
            }
        }
        return ranges;
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
                var row = WriteStop.current().during(
                        statement, () -> statement.executeQuery("SELECT " + questions + " FROM " + reader + " AS t(" + aliases + ")"))) {
            row.next();
            for (int i = 0; i < json.size(); i++) {
                if (!row.getBoolean(i + 1)) {
                    scalars.add(json.get(i));
                }
            }
        }
        return scalars;
    }

    private static String reader(Path file, Content content) {
        var path = Sql.text(file.toString());
        return switch (content.format()) {
            case "json" -> "read_json(" + path + packing(file) + ", format = 'newline_delimited', maximum_depth = 2, sample_size = -1,"
                    + " ignore_errors = true)";
            case "multijson", "singlejson" -> "read_json(" + path + packing(file) + ", format = 'auto', maximum_depth = 2, sample_size = -1)";
            case "parquet" -> "read_parquet(" + path + ")";
            case String _ when content.isDelimited() -> delimited(path + packing(file), content);
            default -> throw new KustoException(Errors.notSupported("inferring the schema of a file in the format '" + content.format() + "'"));
        };
    }

    // A file's name may tell nothing of it.
    private static String packing(Path file) {
        try {
            if (Sources.isZip(file)) {
                throw new KustoException(Errors.notSupported("inferring the schema of a file that is packed by zip"));
            }
            return ", compression = '" + (Sources.isGzip(file) ? "gzip" : "none") + "'";
        } catch (IOException e) {
            throw new UncheckedIOException("the file cannot be read: " + e.getMessage(), e);
        }
    }

    // Without these DuckDB looks for a table further down where the first lines do not look like one.
    private static String delimited(String source, Content content) {
        return "read_csv(" + source + ", header = " + content.hasHeader() + ", skip = 0, comment = '', delim = "
                + Sql.text(DELIMITERS.get(content.format())) + ", quote = '\"', escape = '\"', sample_size = -1)";
    }

    private static String problem(String format) {
        return switch (format) {
            case "parquet" -> "it is not a Parquet file";
            case "json", "multijson", "singlejson" -> "it is not JSON in UTF-8";
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
