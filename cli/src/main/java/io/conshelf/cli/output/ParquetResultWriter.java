package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.ParquetWriter;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/// A Parquet file: it is complete when the last row is there, so until then nothing is written.
final class ParquetResultWriter implements ResultWriter {
    private final OutputStream out;
    private Optional<ParquetWriter> file = Optional.empty();

    ParquetResultWriter(OutputStream out) {
        this.out = out;
    }

    @Override
    public void begin(List<Column> columns, Optional<String> visualization) throws StoreException {
        file = Optional.of(new ParquetWriter(out, columns, "snappy"));
    }

    @Override
    public void row(List<JsonNode> cells) throws StoreException {
        file.orElseThrow().write(cells);
    }

    @Override
    public void end() throws StoreException {
        file.orElseThrow().close();
        file = Optional.empty();
    }

    @Override
    public void close() throws StoreException {
        if (file.isPresent()) {
            file.get().discard();
        }
    }
}
