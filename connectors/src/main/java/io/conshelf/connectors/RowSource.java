package io.conshelf.connectors;

import java.util.List;
import java.util.Optional;

/// A source of rows that is read in parts. Nothing here may depend on who reads which part, where, or in which order.
public interface RowSource extends AutoCloseable {
    /// The parts: together they hold every row once. Asking again about the same data gives equal parts.
    ///
    /// @param wanted how many are useful; there may be fewer, or more
    List<Split> splits(int wanted) throws StoreException;

    /// The rows of one part. Safe to call from several threads; each reader belongs to one.
    RowReader open(Split split) throws StoreException;

    /// The rows of one part as CSV, where the store itself writes it: nothing is made of them on the way to a cluster. Empty where a part can only be
    /// read by rows.
    default Optional<CsvRecords> csv(Split split) throws StoreException {
        return Optional.empty();
    }

    @Override
    default void close() throws StoreException {}
}
