package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.CsvRecords;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.connectors.kusto.BlobUpload;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes the rows of splits as standard CSV in chunks, which are uploaded meanwhile, and has the chunks of a split ingested when it has been
/// read to its end: another run may get the same rows in another order, and what was ingested cannot be taken back.
final class RowsToTable implements AutoCloseable {
    /// What the service's own copy puts into one blob.
    private static final long CHUNK_BYTES_MAX = 900L << 20;

    private final TableSink sink;
    private final ChunkUploads uploads;
    private final Tally tally;
    private final List<BlobUpload> chunks = new ArrayList<>();

    RowsToTable(TableSink sink, ChunkUploads uploads, Tally tally) {
        this.sink = sink;
        this.uploads = uploads;
        this.tally = tally;
    }

    void add(RowReader rows, Split split) throws StoreException, InterruptedException {
        List<String> names = rows.columns().stream().map(Column::name).toList();
        // With a mapping of its own the target decides what the fields mean; otherwise they go by name.
        add(rows, split, sink.mapping().isPresent() ? sink.textMapping() : Optional.of(sink.inline(names)));
    }

    /// Takes rows whose first cell is the table's first column, and so on.
    void addByPosition(RowReader rows, Split split) throws StoreException, InterruptedException {
        add(rows, split, Optional.empty());
    }

    private void add(RowReader rows, Split split, Optional<Mapping> mapping) throws StoreException, InterruptedException {
        IngestionSettings settings = sink.settings("csv", mapping);
        Optional<List<JsonNode>> row = rows.next();
        while (row.isPresent()) {
            BlobUpload chunk = uploads.batch().stage("csv");
            chunks.add(chunk);
            row = write(chunk, rows, row);
        }
        send(split, settings);
    }

    /// Takes records as they are.
    void add(CsvRecords records, Split split, Optional<Translator> translator) throws StoreException, InterruptedException {
        List<IngestionSettings.Field> fields = new ArrayList<>();
        if (translator.isPresent()) {
            for (Translator.Field field : translator.get().fields()) {
                fields.add(new IngestionSettings.Field(sink.columns().target(field.to()),
                        new IngestionSettings.Place.Ordinal(MappedRows.position(records.columns(), field.from(), "the source"))));
            }
        } else {
            for (int i = 0; i < records.columns().size(); i++) {
                fields.add(new IngestionSettings.Field(sink.columns().target(records.columns().get(i).name()), new IngestionSettings.Place.Ordinal(i)));
            }
        }
        IngestionSettings settings = sink.settings("csv", Optional.of(new Mapping.Inline(fields)));
        for (Optional<byte[]> record = records.next(); record.isPresent(); ) {
            BlobUpload chunk = uploads.batch().stage("csv");
            chunks.add(chunk);
            long bytes = 0;
            try {
                for (; record.isPresent() && bytes < CHUNK_BYTES_MAX; record = records.next()) {
                    chunk.stream().write(record.get());
                    bytes += record.get().length;
                    tally.read(record.get().length);
                    tally.readRow();
                    uploads.goesOn();
                }
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileWriteFailure", "Rows cannot be staged: " + failure.getMessage(), failure);
            }
            tally.wrote(bytes);
        }
        send(split, settings);
    }

    private void send(Split split, IngestionSettings settings) throws StoreException, InterruptedException {
        for (int number = 0; !chunks.isEmpty(); number++) {
            uploads.send(chunks.removeFirst(), what(split), settings, tally.batch(List.of(split.toJson().toString(), "#" + number)));
        }
    }

    private static String what(Split split) {
        return switch (split) {
            case Split.OfFile(var file, var _, var _) -> "'" + file.path() + "'";
            case Split.OfQuery _ -> "the query's result";
            case Split.OfPartition(int number, var _, var _) -> "partition " + (number + 1) + " of the query";
            case Split.OfPages _ -> "the pages";
        };
    }

    private Optional<List<JsonNode>> write(BlobUpload chunk, RowReader rows, Optional<List<JsonNode>> first) throws StoreException, InterruptedException {
        Optional<List<JsonNode>> row = first;
        try (DelimitedTextWriter writer = new DelimitedTextWriter(chunk.stream(), DelimitedText.rfc4180(','))) {
            while (row.isPresent() && chunk.sizeBytes() < CHUNK_BYTES_MAX) {
                writer.write(row.get());
                tally.readRow();
                uploads.goesOn();
                row = rows.next();
            }
        }
        tally.wrote(chunk.sizeBytes());
        return row;
    }

    @Override
    public void close() {
        for (BlobUpload chunk : chunks) {
            chunk.close();
        }
    }
}
