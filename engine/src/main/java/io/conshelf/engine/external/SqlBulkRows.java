package io.conshelf.engine.external;

import com.microsoft.sqlserver.jdbc.ISQLServerBulkData;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows of a result as SQL Server's bulk copy asks for them.
final class SqlBulkRows implements ISQLServerBulkData {
    private static final long serialVersionUID = 1;
    private static final int ROWS_UNTIL_CHECK = 1_024;
    private static final int DECIMAL_DIGITS = 38;
    private static final int DECIMAL_FRACTION_DIGITS = 17;

    // It is handed to the driver and never written down.
    private final transient ResultSet source;
    private final transient List<ColumnSchema> columns;
    private final transient WriteStop stop;
    private long count;

    SqlBulkRows(ResultSet source, List<ColumnSchema> columns, WriteStop stop) {
        this.source = source;
        this.columns = List.copyOf(columns);
        this.stop = stop;
    }

    /// What is selected for a value, so that [#getRowData] can hand it on. Moments go as texts, which the server converts.
    static String value(String value, Type type) {
        return switch (type) {
            case BOOL, INT, LONG, REAL, DECIMAL, STRING, TIMESPAN -> value;
            case GUID -> "CAST(" + value + " AS VARCHAR)";
            case DATETIME -> "kql_datetime_text(" + value + ")";
            case DYNAMIC -> "kql_plain_json(" + value + ")";
        };
    }

    long count() {
        return count;
    }

    @Override
    public Set<Integer> getColumnOrdinals() {
        return IntStream.rangeClosed(1, columns.size()).boxed().collect(Collectors.toSet());
    }

    @Override
    public String getColumnName(int column) {
        return columns.get(column - 1).name();
    }

    @Override
    public int getColumnType(int column) {
        return switch (columns.get(column - 1).type()) {
            case BOOL -> Types.BIT;
            case INT -> Types.INTEGER;
            case LONG, TIMESPAN -> Types.BIGINT;
            case REAL -> Types.DOUBLE;
            case DECIMAL -> Types.DECIMAL;
            case STRING, DYNAMIC -> Types.LONGNVARCHAR;
            case GUID, DATETIME -> Types.NVARCHAR;
        };
    }

    @Override
    public int getPrecision(int column) {
        return switch (columns.get(column - 1).type()) {
            case DECIMAL -> DECIMAL_DIGITS;
            case GUID, DATETIME -> DECIMAL_DIGITS + 2;
            case BOOL, INT, LONG, REAL, STRING, DYNAMIC, TIMESPAN -> 0;
        };
    }

    @Override
    public int getScale(int column) {
        return columns.get(column - 1).type() == Type.DECIMAL ? DECIMAL_FRACTION_DIGITS : 0;
    }

    @Override
    public Object[] getRowData() throws SQLException {
        var cells = new Object[columns.size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = source.getObject(i + 1);
        }
        return cells;
    }

    @Override
    public boolean next() throws SQLException {
        boolean hasNext = source.next();
        count += hasNext ? 1 : 0;
        if (count % ROWS_UNTIL_CHECK == 0) {
            stop.check();
        }
        return hasNext;
    }
}
