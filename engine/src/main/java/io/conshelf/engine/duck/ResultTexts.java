package io.conshelf.engine.duck;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBPreparedStatement;

/// The first rows of a query as texts, nulls as empty ones: for what is only looked at.
public final class ResultTexts {
    private ResultTexts() {}

    /// @param types of the columns, which decide what DuckDB's mean
    public static List<List<String>> of(DuckDBPreparedStatement query, List<Type> types, int rowsMax) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        var chunk = new DuckChunk(types);
        // By the driver's result sets the reason is lost where a row fails.
        try (var result = query.query()) {
            while (found.size() < rowsMax && hasNext(result)) {
                int count = (int) Math.min(result.chunk().rowCount(), rowsMax - found.size());
                chunk.show(result.chunk(), count);
                for (int row = 0; row < count; row++) {
                    int shown = row;
                    found.add(IntStream.range(0, types.size()).mapToObj(i -> text(chunk, types.get(i), i, shown)).toList());
                }
            }
        }
        return found;
    }

    /// Goes on to the next rows.
    public static boolean hasNext(DuckDBChunkedResult result) throws SQLException {
        try {
            return result.nextChunk();
        } catch (RuntimeException e) {
            // The driver wraps what fails between chunks.
            throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e.getMessage(), e);
        }
    }

    private static String text(Chunk cells, Type type, int column, int row) {
        if (cells.isNull(column, row)) {
            return "";
        }
        return switch (type) {
            case BOOL -> Boolean.toString(cells.bool(column, row));
            case INT -> Integer.toString(cells.int32(column, row));
            case LONG, DATETIME, TIMESPAN -> Long.toString(cells.int64(column, row));
            case REAL -> Double.toString(cells.float64(column, row));
            case DECIMAL -> cells.decimal(column, row).toPlainString();
            case GUID -> cells.guid(column, row).toString();
            case STRING, DYNAMIC -> cells.text(column, row);
        };
    }
}
