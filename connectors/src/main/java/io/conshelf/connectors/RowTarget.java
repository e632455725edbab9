package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// A target of rows that is written in batches. Nothing here may depend on who writes which batch, where, or in which order.
public interface RowTarget extends AutoCloseable {
    /// Once before the first batch: scripts, new tables, checks of the columns.
    void begin(List<Column> columns) throws StoreException, InterruptedException;

    /// Writes rows, and returns how many were written. Where the store can tell, a batch that it holds already is not written again.
    /// Safe to call from several threads.
    ///
    /// @param rejects is told of a row that the store does not take; it throws where such a row ends the copy
    long write(BatchId batch, RowReader rows, Rejects rejects) throws StoreException, InterruptedException;

    /// Once after the last batch. Without it the target was abandoned.
    void finish() throws StoreException, InterruptedException;

    @Override
    void close() throws StoreException;

    @FunctionalInterface
    interface Rejects {
        void row(List<JsonNode> row, StoreException why) throws StoreException;
    }
}
