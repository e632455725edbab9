package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.util.List;
import java.util.Optional;

/// Rows that are counted while they are read: each, or what it weighs as text, for a query's result has no other size that the client shows.
record CountedRows(RowReader rows, Tally tally, Counts counts) implements RowReader {
    /// Where the target counts the rows itself, bytes alone.
    enum Counts { ROWS, BYTES, ROWS_AND_BYTES }

    @Override
    public List<Column> columns() {
        return rows.columns();
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        Optional<List<JsonNode>> row = rows.next();
        if (row.isPresent() && counts != Counts.BYTES) {
            tally.readRow();
        }
        if (row.isPresent() && counts != Counts.ROWS) {
            long bytes = 0;
            for (JsonNode cell : row.get()) {
                bytes += weight(cell);
            }
            tally.read(bytes);
        }
        return row;
    }

    private static long weight(JsonNode cell) {
        return switch (cell.getNodeType()) {
            case STRING -> cell.textValue().length();
            case NUMBER -> 8;
            case BOOLEAN, NULL, MISSING -> 1;
            case ARRAY, OBJECT, BINARY, POJO -> cell.toString().length();
        };
    }

    @Override
    public void close() throws StoreException {
        rows.close();
    }
}
