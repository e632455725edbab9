package io.conshelf.connectors.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The rows of a Parquet file, read by DuckDB in chunks. Structures, lists and maps become JSON.
public final class ParquetReader implements RowReader {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES).build();

    private static final long VALUES_MAX = 100_000_000;
    private static final long VALUES_A_BYTE_MAX = 1_000;

    private final String name;
    private final Connection duck;
    private final Statement statement;
    private final ResultSet rows;
    private final List<Column> columns;

    /// @param name what error messages call the file
    public ParquetReader(String name, Path file) throws StoreException {
        this.name = name;
        this.duck = Duck.open(name);
        try {
            // One file, whatever stands in its path: neither a pattern nor the columns of its folders.
            String itself = Duck.literal(file.toString().replaceAll("[*?\\[]", "[$0]"));
            String source = "read_parquet(" + itself + ", hive_partitioning = false)";
            List<Column> described = new ArrayList<>();
            List<String> selected = new ArrayList<>();
            try (Statement describe = duck.createStatement(); ResultSet result = describe.executeQuery("DESCRIBE SELECT * FROM " + source)) {
                while (result.next()) {
                    ValueType type = type(result.getString("column_type"));
                    described.add(new Column(result.getString("column_name"), type));
                    selected.add(select(Duck.name(result.getString("column_name")), result.getString("column_type"), type));
                }
            }
            this.columns = List.copyOf(described);
            requireFewValues(file, itself);
            this.statement = duck.createStatement();
            this.rows = statement.executeQuery("SELECT " + String.join(", ", selected) + " FROM " + source);
        } catch (SQLException failure) {
            StoreException wrong = wrong(failure);
            close();
            throw wrong;
        } catch (StoreException refused) {
            close();
            throw refused;
        }
    }

    /// What is all alike takes next to nothing in a file, so that a few bytes may state more rows than anybody waits for.
    ///
    /// @param itself its path as DuckDB takes it
    private void requireFewValues(Path file, String itself) throws SQLException, StoreException {
        try (Statement count = duck.createStatement();
                ResultSet values = count.executeQuery("SELECT CAST(coalesce(sum(greatest(row_group_num_rows, 0)), 0) AS DOUBLE) FROM parquet_metadata("
                        + itself + ")")) {
            values.next();
            double stated = values.getDouble(1);
            long bytes = Files.size(file);
            if (stated > VALUES_MAX && stated / VALUES_A_BYTE_MAX > bytes) {
                throw StoreException.user("UserErrorParquetTooLarge", "'" + name + "' states " + BigDecimal.valueOf(stated).toBigInteger()
                        + " values in " + bytes + " bytes; beyond " + VALUES_MAX + " values, " + VALUES_A_BYTE_MAX + " a byte are read");
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    private static ValueType type(String duckType) {
        String type = duckType.toUpperCase(Locale.ROOT);
        if (type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP") || type.startsWith("UNION")) {
            return ValueType.DYNAMIC;
        }
        return switch (type.replaceFirst("\\(.*", "")) {
            case "BOOLEAN" -> ValueType.BOOL;
            case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> ValueType.INT;
            case "BIGINT", "UINTEGER" -> ValueType.LONG;
            case "FLOAT", "DOUBLE" -> ValueType.REAL;
            case "DECIMAL", "UBIGINT", "HUGEINT", "UHUGEINT" -> ValueType.DECIMAL;
            case "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE" -> ValueType.DATETIME;
            case "TIME", "TIME WITH TIME ZONE", "INTERVAL" -> ValueType.TIMESPAN;
            case "UUID" -> ValueType.GUID;
            case "JSON" -> ValueType.DYNAMIC;
            default -> ValueType.STRING;
        };
    }

    private static String select(String column, String duckType, ValueType type) {
        String format = "'%Y-%m-%dT%H:%M:%S.%f'";
        return switch (type) {
            case DYNAMIC -> "to_json(" + column + ")::VARCHAR";
            case DATETIME -> "strftime(" + (duckType.endsWith("TIME ZONE") ? "timezone('UTC', " + column + ")" : column + "::TIMESTAMP") + ", " + format
                    + ") || 'Z'";
            case TIMESPAN, GUID -> column + "::VARCHAR";
            case STRING -> duckType.equals("BLOB") ? "base64(" + column + ")" : column + "::VARCHAR";
            case DECIMAL -> duckType.startsWith("DECIMAL") ? column : column + "::VARCHAR";
            case BOOL, INT, LONG, REAL -> column;
        };
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        try {
            if (!rows.next()) {
                return Optional.empty();
            }
            List<JsonNode> row = new ArrayList<>(columns.size());
            for (int i = 0; i < columns.size(); i++) {
                row.add(cell(columns.get(i).type(), i + 1));
            }
            return Optional.of(row);
        } catch (SQLException | JsonProcessingException failure) {
            throw wrong(failure);
        }
    }

    private JsonNode cell(ValueType type, int index) throws SQLException, JsonProcessingException {
        JsonNode cell = switch (type) {
            case BOOL -> BooleanNode.valueOf(rows.getBoolean(index));
            case INT, LONG -> LongNode.valueOf(rows.getLong(index));
            case REAL -> DoubleNode.valueOf(rows.getDouble(index));
            case DECIMAL -> Optional.ofNullable(rows.getBigDecimal(index)).<JsonNode>map(DecimalNode::valueOf).orElse(NullNode.instance);
            case STRING, DATETIME, TIMESPAN, GUID -> Optional.ofNullable(rows.getString(index)).<JsonNode>map(TextNode::valueOf).orElse(NullNode.instance);
            case DYNAMIC -> {
                String text = rows.getString(index);
                yield text == null ? NullNode.instance : JSON.readTree(text);
            }
        };
        return rows.wasNull() ? NullNode.instance : cell;
    }

    private StoreException wrong(Exception failure) {
        return StoreException.user("UserErrorParquetMalformed", "'" + name + "' cannot be read as Parquet: " + Duck.sentence(failure));
    }

    @Override
    public void close() throws StoreException {
        try {
            duck.close();
        } catch (SQLException failure) {
            throw wrong(failure);
        }
    }
}
