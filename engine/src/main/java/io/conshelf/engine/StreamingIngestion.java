package io.conshelf.engine;

import java.io.InputStream;
import java.util.Optional;

/// One streaming ingestion request: the rows are durable and visible when it returns.
///
/// @param format      as the client wrote it, in any case: `csv`, `multijson` …
/// @param mappingName of the table or its database
/// @param content     uncompressed; read to its end, not closed
/// @param sourceId    the client's id of this content; the same id again within the table's memory changes nothing
public record StreamingIngestion(
        String database,
        String table,
        String format,
        Optional<String> mappingName,
        InputStream content,
        Optional<String> sourceId) {

    public record Result(long rows, long bytes) {}
}
