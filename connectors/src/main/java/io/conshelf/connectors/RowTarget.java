package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// A target of rows that is written in batches. Nothing here may depend on who writes which batch, where, or in which order.
public interface RowTarget extends AutoCloseable {
    /// Once before the first batch: scripts, new tables, checks of the columns.
    ///
    /// @param copy names the copy, the same whenever it is tried again
    /// @param columns of the first part; none where the source has no part at all
    void begin(BatchId copy, List<Column> columns) throws StoreException, InterruptedException;

    /// Writes rows, and returns how many were written. Where the store can tell, a batch that it holds already is not written again.
    /// Safe to call from several threads.
    ///
    /// @param rejects is told of a row that the store does not take; it throws where such a row ends the copy
    Written write(BatchId batch, RowReader rows, Rejects rejects) throws StoreException, InterruptedException;

    /// What whoever started the copy should know of how it was written.
    default List<String> remarks() {
        return List.of();
    }

    /// Once after the last batch. Without it the target was abandoned.
    void finish() throws StoreException, InterruptedException;

    @Override
    void close() throws StoreException;

    /// What became of a batch.
    ///
    /// @param rows  that the store holds of it
    /// @param isNew whether they were written now; otherwise an earlier attempt wrote them, and none of the rows given was read
    record Written(long rows, boolean isNew) {}

    @FunctionalInterface
    interface Rejects {
        void row(List<JsonNode> row, StoreException why) throws StoreException;
    }
}
