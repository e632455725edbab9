package io.conshelf.engine.store;

/// The rows of one streaming request, in memory until they are sealed into the table.
///
/// @param storage       the storage table they belong to ([Table#rows])
/// @param originalBytes size of the request
record RowBatch(
        String tableId, String storage, Rows rows, long originalBytes, long ingestedTicks, long commit) {}
