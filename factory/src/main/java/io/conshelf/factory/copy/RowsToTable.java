package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.connectors.kusto.IngestionBatch;
import io.conshelf.connectors.kusto.IngestionOutcome;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes rows as standard CSV in chunks, and queues each for ingestion. Rows with the same columns share a batch.
final class RowsToTable implements AutoCloseable {
    /// What the service's own copy puts into one blob.
    private static final long CHUNK_BYTES_MAX = 900L << 20;

    private final TableSink sink;
    private final Tally tally;
    private final Path folder;
    private final Map<List<String>, IngestionBatch> batches = new HashMap<>();
    private int chunks;

    RowsToTable(TableSink sink, Tally tally) throws StoreException {
        this.sink = sink;
        this.tally = tally;
        try {
            this.folder = Files.createTempDirectory("conshelf-copy-");
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    void add(RowReader rows) throws StoreException, InterruptedException {
        List<String> names = rows.columns().stream().map(Column::name).toList();
        // With a mapping of its own the target decides what the fields mean; otherwise they go by name.
        Optional<Mapping> mapping = sink.mappingName().isPresent() ? sink.mappingName().map(Mapping.Named::new) : Optional.of(sink.inline(names));
        if (!batches.containsKey(names)) {
            batches.put(names, sink.database().cluster().batch(sink.settings("csv", mapping, false)));
        }
        Optional<List<JsonNode>> row = rows.next();
        while (row.isPresent()) {
            Path chunk = folder.resolve("%s_%05d.csv".formatted(safe(sink.table()), chunks++));
            row = write(chunk, rows, row);
            batches.get(names).add(chunk);
            delete(chunk);
        }
    }

    private Optional<List<JsonNode>> write(Path chunk, RowReader rows, Optional<List<JsonNode>> first) throws StoreException, InterruptedException {
        long before = tally.bytesWritten;
        Optional<List<JsonNode>> row = first;
        try (OutputStream file = tally.counted(Files.newOutputStream(chunk));
                DelimitedTextWriter writer = new DelimitedTextWriter(file, DelimitedText.rfc4180(',', false), false)) {
            while (row.isPresent() && tally.bytesWritten - before < CHUNK_BYTES_MAX) {
                writer.write(row.get());
                tally.rowsRead++;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                row = rows.next();
            }
        } catch (IOException failure) {
            throw unwritable(failure);
        }
        return row;
    }

    void finish() throws StoreException, InterruptedException {
        Instant since = tally.now();
        tally.stage("ingesting");
        long written = tally.rowsRead;
        for (IngestionBatch batch : batches.values()) {
            IngestionOutcome outcome = batch.await();
            tally.copied(outcome.rows());
        }
        // The cluster accepted every record that was staged, even where it does not say their number.
        if (tally.rowsCopied.isEmpty()) {
            tally.rowsCopied = OptionalLong.of(written);
        }
        tally.ingested(since);
    }

    private static String safe(String table) {
        return table.replaceAll("[^A-Za-z0-9_-]", "_");
    }

    private static void delete(Path file) throws StoreException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    @Override
    public void close() throws StoreException {
        try (var left = Files.list(folder)) {
            List<Path> files = new ArrayList<>(left.toList());
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(IOException failure) {
        return StoreException.system("UserErrorFileWriteFailure", "Rows cannot be staged: " + failure.getMessage(), failure);
    }
}
