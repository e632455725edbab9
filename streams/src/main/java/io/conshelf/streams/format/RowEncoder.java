package io.conshelf.streams.format;

import io.conshelf.streams.value.Value;
import java.io.IOException;

/// Writes rows as a file or a message of one format. Belongs to one thread.
public interface RowEncoder extends AutoCloseable {
    /// Whether the row can stand behind those written before: CSV, Avro and Parquet have the same columns all through, and what cannot be taken begins
    /// another file.
    boolean takes(Value.Record row);

    /// @throws io.conshelf.streams.output.RowRefused where the format cannot hold the row at all
    void write(Value.Record row) throws IOException, io.conshelf.streams.output.RowRefused;

    /// Hands on what is held back, as far as the format lets it.
    void flush() throws IOException;

    /// Completes the file and closes what it is written to.
    @Override
    void close() throws IOException;
}
