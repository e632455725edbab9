package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.sqlserver.jdbc.ISQLServerBulkData;
import io.conshelf.connectors.ValueType;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows as SQL Server's bulk copy asks for them. Moments go as text, which the server converts.
final class SqlServerRows implements ISQLServerBulkData {
    private static final long serialVersionUID = 1;
    private static final int DIGITS = 38;
    private static final int FRACTION_DIGITS = 17;
    private static final int TEXT_LENGTH = 4_000;

    // It is handed to the driver and never written down.
    private final transient SqlSink.Target target;
    private final transient List<List<JsonNode>> rows;
    private int at = -1;

    SqlServerRows(SqlSink.Target target, List<List<JsonNode>> rows) {
        this.target = target;
        this.rows = rows;
    }

    static int jdbcType(ValueType type) {
        return switch (type) {
            case BOOL -> Types.BIT;
            case INT -> Types.INTEGER;
            case LONG -> Types.BIGINT;
            case REAL -> Types.DOUBLE;
            case DECIMAL -> Types.DECIMAL;
            case STRING, DYNAMIC -> Types.LONGNVARCHAR;
            case GUID, DATETIME, TIMESPAN -> Types.NVARCHAR;
        };
    }

    /// The value for the driver, where null is a null.
    static Object value(JsonNode cell, ValueType type) throws SQLException {
        if (cell.isNull() || cell.isMissingNode()) {
            return null;
        }
        String text = cell.isValueNode() ? cell.asText() : cell.toString();
        try {
            return switch (type) {
                case BOOL -> cell.isBoolean() ? cell.booleanValue() : Boolean.parseBoolean(text) || text.equals("1");
                case INT -> Integer.parseInt(text);
                case LONG -> Long.parseLong(text);
                case REAL -> Double.parseDouble(text);
                case DECIMAL -> new java.math.BigDecimal(text);
                case STRING, DYNAMIC, GUID, DATETIME, TIMESPAN -> text;
            };
        } catch (NumberFormatException wrong) {
            throw new SQLException("'" + text + "' is no value of type " + type.kustoName(), "22018", wrong);
        }
    }

    private boolean isBinary(int column) {
        return switch (target.columns().get(column - 1).jdbcType()) {
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY -> true;
            default -> false;
        };
    }

    @Override
    public Set<Integer> getColumnOrdinals() {
        return IntStream.rangeClosed(1, target.source().size()).boxed().collect(Collectors.toSet());
    }

    @Override
    public String getColumnName(int column) {
        return target.source().get(column - 1).name();
    }

    @Override
    public int getColumnType(int column) {
        return isBinary(column) ? Types.LONGVARBINARY : jdbcType(target.source().get(column - 1).type());
    }

    @Override
    public int getPrecision(int column) {
        return switch (target.source().get(column - 1).type()) {
            case DECIMAL -> DIGITS;
            case GUID, DATETIME, TIMESPAN -> TEXT_LENGTH;
            case BOOL, INT, LONG, REAL, STRING, DYNAMIC -> 0;
        };
    }

    @Override
    public int getScale(int column) {
        return target.source().get(column - 1).type() == ValueType.DECIMAL ? FRACTION_DIGITS : 0;
    }

    @Override
    public Object[] getRowData() throws SQLException {
        List<JsonNode> row = rows.get(at);
        Object[] cells = new Object[row.size()];
        for (int i = 0; i < cells.length; i++) {
            Object value = value(row.get(i), target.source().get(i).type());
            cells[i] = value instanceof String text && isBinary(i + 1) ? Base64.getDecoder().decode(text) : value;
        }
        return cells;
    }

    @Override
    public boolean next() {
        at++;
        return at < rows.size();
    }
}
