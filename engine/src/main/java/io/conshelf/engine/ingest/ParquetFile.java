package io.conshelf.engine.ingest;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.Sql;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.engine.store.ExtentWriter;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Ticks;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// A Parquet file, read by DuckDB. Its columns are named by position in SQL, because their own names differ in ways that
/// DuckDB ignores.
///
/// @param columns  the top level of its schema
/// @param rawBytes of its columns unpacked, as it claims
/// @param rows     as it claims, and as many are read
record ParquetFile(Path path, List<SourceColumn> columns, long rawBytes, long rows) {
    /// Of `2014-05-25T08:20:03.1234567` and `08:20:03.1234567`: seven digits make a tick.
    private static final int ISO_LENGTH = 27;
    private static final int TIME_LENGTH = 16;

    // A folder called "a=b" is no column.
    private static final String OPTIONS = ", binary_as_string = true, hive_partitioning = false)";

    /// @param name as it stands in the file
    /// @param type DuckDB's: `STRUCT(a INTEGER)`
    record SourceColumn(String name, String type) {}

    static ParquetFile open(Connection connection, Path path) {
        try (var statement = connection.createStatement()) {
            String file = Sql.text(path.toString());
            var types = new ArrayList<String>();
            try (var rows = statement.executeQuery("DESCRIBE SELECT * FROM " + scan(path))) {
                while (rows.next()) {
                    types.add(rows.getString("column_type"));
                }
            }
            var columns = new ArrayList<SourceColumn>();
            try (var rows = statement.executeQuery(
                    "SELECT name, coalesce(num_children, 0) FROM parquet_schema(" + file + ")")) {
                rows.next();
                // The schema is the tree in preorder; only what hangs on the root counts.
                long below = 0;
                while (rows.next()) {
                    if (below == 0) {
                        columns.add(new SourceColumn(rows.getString(1), types.get(columns.size())));
                    } else {
                        below--;
                    }
                    below += rows.getLong(2);
                }
            }
            try (var sums = statement.executeQuery("SELECT CAST(coalesce(sum(greatest(total_uncompressed_size, 0)), 0) AS BIGINT), "
                    + "CAST(coalesce(sum(greatest(row_group_num_rows, 0)) FILTER (WHERE column_id = 0), 0) AS BIGINT) FROM parquet_metadata(" + file + ")")) {
                sums.next();
                return new ParquetFile(path, columns, sums.getLong(1), sums.getLong(2));
            }
        } catch (SQLException e) {
            throw new KustoException(IngestionErrors.invalidBlob("it is no Parquet file: " + firstLine(e)), e);
        }
    }

    private static String scan(Path path) {
        return "read_parquet(" + Sql.text(path.toString()) + OPTIONS;
    }

    /// Files of one shape, with each file's name behind their columns.
    static String scanNamed(List<Path> paths) {
        return "read_parquet([" + String.join(", ", paths.stream().map(path -> Sql.text(path.toString())).toList())
                + "], filename = true" + OPTIONS;
    }

    private static String firstLine(SQLException e) {
        return e.getMessage().lines().findFirst().orElse("");
    }

    /// What is all alike takes next to nothing in the file, so values are counted as well as bytes.
    ///
    /// @throws KustoException when there is more of it than of any source
    void requireFewValues(RecordMapping mapping, long max) {
        if (rawBytes > max || rows > max / Math.max(1, mapping.targets().size())) {
            throw new KustoException(IngestionErrors.fileTooLarge(max));
        }
    }

    long load(ExtentWriter extent, RecordMapping mapping, ReadOptions options) {
        var names = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            names.add("p" + i);
        }
        var targets = new ArrayList<TableColumn>();
        var values = new ArrayList<String>();
        boolean needsNumber = false;
        for (RecordMapping.Target target : mapping.targets()) {
            targets.add(target.column());
            values.add(value(target, options));
            needsNumber |= target.transform() == Transform.SOURCE_LINE_NUMBER;
        }
        String source = scan(path) + " AS p(" + String.join(", ", names) + ")";
        if (needsNumber) {
            source = "(SELECT *, row_number() OVER () AS n FROM " + source + ") AS p";
        }
        try {
            return extent.append("SELECT " + String.join(", ", values) + " FROM " + source, targets, rawBytes);
        } catch (SQLException e) {
            // Conversions don't fail, so it is the file.
            throw new KustoException(IngestionErrors.invalidBlob(firstLine(e)), e);
        }
    }

    /// A target's value, over columns `p0`, `p1` …
    String value(RecordMapping.Target target, ReadOptions options) {
        Type type = target.column().type();
        return switch (target.transform()) {
            case SOURCE_LOCATION -> FieldSql.convert(type, Sql.text(options.sourceLocation()), target.bytesMax());
            case SOURCE_LINE_NUMBER -> FieldSql.convert(type, "CAST(n AS VARCHAR)", target.bytesMax());
            case NONE -> switch (target.origin()) {
                case Origin.Constant(String text) -> FieldSql.convert(type, Sql.text(text), target.bytesMax());
                case Origin.Path(JsonPath path) -> field(path, type, target.bytesMax());
                case Origin.Ordinal _, Origin.None _ -> nullOf(type);
            };
            case DATETIME_FROM_UNIX_SECONDS, DATETIME_FROM_UNIX_MILLISECONDS, DATETIME_FROM_UNIX_MICROSECONDS,
                    DATETIME_FROM_UNIX_NANOSECONDS -> unixTime(target);
            case PROPERTY_BAG_ARRAY_TO_DICTIONARY, DROP_MAPPED_FIELDS, BYTES_AS_BASE64 ->
                throw new AssertionError("refused when the mapping was read");
        };
    }

    private String unixTime(RecordMapping.Target target) {
        if (target.column().type() != Type.DATETIME || !(target.origin() instanceof Origin.Path(JsonPath path))) {
            return nullOf(target.column().type());
        }
        return FieldSql.unixTime(target.transform(), field(path, Type.STRING, target.bytesMax()));
    }

    private String field(JsonPath path, Type type, int bytesMax) {
        if (path.steps().isEmpty() || !(path.steps().getFirst() instanceof JsonPath.Step.Name(String name))) {
            return nullOf(type);
        }
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return path.steps().size() == 1
                        ? convert(columns.get(i).type(), "p" + i, type, bytesMax)
                        : nested("p" + i, path.steps().subList(1, path.steps().size()), type, bytesMax);
            }
        }
        return nullOf(type);
    }

    private static String nested(String column, List<JsonPath.Step> steps, Type type, int bytesMax) {
        var pointer = new StringBuilder();
        for (JsonPath.Step step : steps) {
            switch (step) {
                case JsonPath.Step.Name(String name) ->
                    pointer.append('/').append(name.replace("~", "~0").replace("/", "~1"));
                case JsonPath.Step.Index(int index) -> pointer.append('/').append(index);
            }
        }
        String path = Sql.text(pointer.toString());
        if (type == Type.DYNAMIC) {
            return EncodingPolicy.fitting(
                    type, "nullif(CAST(json_extract(to_json(" + column + "), " + path + ") AS VARCHAR), 'null')", bytesMax);
        }
        return FieldSql.convert(type, "json_extract_string(to_json(" + column + "), " + path + ")", bytesMax);
    }

    /// A value of a file's column as one of a table's.
    static String convert(String duckType, String v, Type type, int bytesMax) {
        String from = duckType.startsWith("DECIMAL") ? "DECIMAL" : duckType;
        boolean isNested = duckType.endsWith("]") || duckType.startsWith("STRUCT") || duckType.startsWith("MAP");
        if (isNested) {
            return switch (type) {
                case STRING, DYNAMIC -> EncodingPolicy.fitting(type, "CAST(to_json(" + v + ") AS VARCHAR)", bytesMax);
                case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> nullOf(type);
            };
        }
        return switch (from) {
            case "VARCHAR", "BLOB", "ENUM" -> FieldSql.convert(type, "CAST(" + v + " AS VARCHAR)", bytesMax);
            case "JSON" -> FieldSql.convert(type, "CAST(" + v + " AS VARCHAR)", bytesMax);
            case "BOOLEAN" -> switch (type) {
                case BOOL -> v;
                case DECIMAL -> "CAST(" + v + " AS DECIMAL(38,17))";
                case STRING, DYNAMIC -> "CAST(" + v + " AS VARCHAR)";
                case INT, LONG, REAL, DATETIME, TIMESPAN, GUID -> nullOf(type);
            };
            case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT" ->
                switch (type) {
                    case BOOL -> v + " <> 0";
                    case INT -> "TRY_CAST(" + v + " AS INTEGER)";
                    case LONG -> "TRY_CAST(" + v + " AS BIGINT)";
                    case REAL -> "CAST(" + v + " AS DOUBLE)";
                    case DECIMAL -> "TRY_CAST(" + v + " AS DECIMAL(38,17))";
                    case STRING, DYNAMIC -> "CAST(" + v + " AS VARCHAR)";
                    case DATETIME, TIMESPAN, GUID -> nullOf(type);
                };
            case "FLOAT", "DOUBLE", "DECIMAL" -> switch (type) {
                case BOOL -> v + " <> 0";
                case INT -> "CASE WHEN " + v + " = floor(" + v + ") THEN TRY_CAST(" + v + " AS INTEGER) END";
                case LONG -> "CASE WHEN " + v + " = floor(" + v + ") THEN TRY_CAST(" + v + " AS BIGINT) END";
                case REAL -> "CAST(" + v + " AS DOUBLE)";
                case DECIMAL -> "TRY_CAST(" + v + " AS DECIMAL(38,17))";
                case STRING -> "CAST(" + v + " AS VARCHAR)";
                case DYNAMIC -> "CASE WHEN isfinite(CAST(" + v + " AS DOUBLE)) THEN CAST(" + v + " AS VARCHAR) END";
                case DATETIME, TIMESPAN, GUID -> nullOf(type);
            };
            case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP WITH TIME ZONE", "DATE" ->
                moment("epoch_us(CAST(" + v + " AS TIMESTAMP)) * 10",
                        "strftime(CAST(" + v + " AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%f') || '0Z'", v, type);
            // All moments of this type lie within a datetime's range.
            case "TIMESTAMP_NS" -> moment("epoch_ns(" + v + ") // 100",
                    "left(strftime(" + v + ", '%Y-%m-%dT%H:%M:%S.%n'), " + ISO_LENGTH + ") || 'Z'", v, type);
            case "TIME" -> type == Type.TIMESPAN
                    ? "epoch_us(" + v + ") * 10"
                    : FieldSql.convert(type, "CAST(" + v + " AS VARCHAR)", bytesMax);
            // Ticks are of 100 ns: what is finer is cut off.
            case "TIME_NS" -> FieldSql.convert(type, type == Type.TIMESPAN
                    ? "left(CAST(" + v + " AS VARCHAR), " + TIME_LENGTH + ")"
                    : "CAST(" + v + " AS VARCHAR)", bytesMax);
            case "UUID" -> switch (type) {
                case GUID -> v;
                case STRING -> "CAST(" + v + " AS VARCHAR)";
                case DYNAMIC -> "CAST(to_json(" + v + ") AS VARCHAR)";
                case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN -> nullOf(type);
            };
            default -> switch (type) {
                case STRING -> EncodingPolicy.fitting(type, "CAST(" + v + " AS VARCHAR)", bytesMax);
                case DYNAMIC -> EncodingPolicy.fitting(type, "CAST(to_json(" + v + ") AS VARCHAR)", bytesMax);
                case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> nullOf(type);
            };
        };
    }

    private static String moment(String ticksSince1970, String iso, String v, Type type) {
        String timestamp = "CAST(" + v + " AS TIMESTAMP)";
        return switch (type) {
            case DATETIME -> "CASE WHEN " + timestamp + " BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
                    + " THEN " + ticksSince1970 + " + " + Ticks.UNIX_EPOCH + " END";
            case STRING -> iso;
            case DYNAMIC -> "'\"' || " + iso + " || '\"'";
            case BOOL, INT, LONG, REAL, DECIMAL, TIMESPAN, GUID -> nullOf(type);
        };
    }

    private static String nullOf(Type type) {
        return "CAST(NULL AS " + DuckTypes.of(type) + ")";
    }
}
