package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/// Rows read one after another. Not safe for use by several threads.
public interface RowReader extends AutoCloseable {
    List<Column> columns();

    /// The next row, with one cell for each column, or empty at the end. A row returned earlier stays valid.
    Optional<List<JsonNode>> next() throws StoreException;

    @Override
    void close() throws StoreException;
}
