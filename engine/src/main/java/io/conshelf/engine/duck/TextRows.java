package io.conshelf.engine.duck;

import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.Collections;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBPreparedStatement;

/// Rows of texts, one after the other, as DuckDB makes them. By the driver's own result sets the reason is lost where a row fails.
public final class TextRows implements AutoCloseable {
    private final DuckDBChunkedResult result;
    private final DuckChunk chunk;
    private int row = -1;

    /// @param columns all of them `VARCHAR`
    public TextRows(DuckDBPreparedStatement query, int columns) throws SQLException {
        chunk = new DuckChunk(Collections.nCopies(columns, Type.DYNAMIC));
        result = query.query();
    }

    /// Goes to the next row, of which there may be none.
    public boolean next() throws SQLException {
        row++;
        while (row >= chunk.rows()) {
            if (!ResultTexts.hasNext(result)) {
                return false;
            }
            chunk.show(result.chunk(), (int) result.chunk().rowCount());
            row = 0;
        }
        return true;
    }

    /// A cell of the row; Java's null for a null, as from the driver.
    public String text(int column) {
        return chunk.isNull(column, row) ? null : chunk.text(column, row);
    }

    @Override
    public void close() throws SQLException {
        result.close();
    }
}
