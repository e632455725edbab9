package io.conshelf.connectors;

import java.util.List;
import java.util.Optional;

/// Rows as records of RFC 4180 in UTF-8, each with the line break that ends it. Not safe for use by several threads.
///
/// Values are printed as a cluster reads them from CSV: moments in ISO 8601, booleans as `true` and `false`, bytes in base64, nulls as nothing.
public interface CsvRecords extends AutoCloseable {
    List<Column> columns();

    /// The next record, or empty at the end.
    Optional<byte[]> next() throws StoreException;

    @Override
    void close() throws StoreException;
}
