package io.conshelf.engine.store;

import java.util.List;

/// The rows of one streaming request, in memory until they are sealed into the table.
///
/// @param rows          the storage table they belong to ([Table#rows])
/// @param originalBytes size of the request
record RowBatch(
        String tableId,
        String rows,
        RowLayout layout,
        List<RowColumn> columns,
        int rowCount,
        long originalBytes,
        long ingestedTicks,
        long commit) {
    RowBatch {
        columns = List.copyOf(columns);
    }
}
