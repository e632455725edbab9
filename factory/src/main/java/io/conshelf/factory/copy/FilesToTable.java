package io.conshelf.factory.copy;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.DelimitedTextReader;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.kusto.IngestionBatch;
import io.conshelf.connectors.kusto.IngestionOutcome;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.connectors.kusto.IngestionSettings.Place;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Copies files into a table: as they are where the cluster reads their format with the same meaning, as re-encoded rows otherwise.
final class FilesToTable {
    private final CopySource.Files source;
    private final TableSink sink;
    private final Optional<Translator> translator;
    private final Tally tally;

    FilesToTable(CopySource.Files source, TableSink sink, Optional<Translator> translator, Tally tally) {
        this.source = source;
        this.sink = sink;
        this.translator = translator;
        this.tally = tally;
    }

    void run() throws StoreException, InterruptedException {
        Map<IngestionSettings, IngestionBatch> batches = new LinkedHashMap<>();
        try (RowsToTable rows = new RowsToTable(sink, tally)) {
            for (StoredFile file : source.files()) {
                if (isEmpty(file)) {
                    tally.filesRead++;
                    continue;
                }
                Optional<IngestionSettings> passage = passage(file);
                if (passage.isPresent()) {
                    Path path = source.store().onDisk(file).orElseThrow();
                    IngestionBatch batch = batches.get(passage.get());
                    if (batch == null) {
                        batch = sink.database().cluster().batch(passage.get());
                        batches.put(passage.get(), batch);
                    }
                    tally.stage("transferring");
                    batch.add(path);
                    tally.read(file.sizeBytes());
                    tally.bytesWritten += file.sizeBytes();
                } else {
                    try (RowReader reader = byName(source.rows(file, translator, tally))) {
                        rows.add(reader);
                    }
                }
                tally.filesRead++;
            }
            rows.finish();
        }
        await(batches);
    }

    /// A cluster fails a file without rows; a copy of it has nothing to do.
    private boolean isEmpty(StoredFile file) throws StoreException {
        if (file.sizeBytes() == 0) {
            return true;
        }
        if (source.format() instanceof FileFormat.Delimited(var dialect, var _)) {
            try (DelimitedTextReader rows = new DelimitedTextReader(file.path(), unpacked(file), dialect)) {
                return rows.next().isEmpty();
            }
        }
        if (source.format() instanceof FileFormat.Json) {
            try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), unpacked(file))) {
                return documents.next().isEmpty();
            }
        }
        return false;
    }

    private void await(Map<IngestionSettings, IngestionBatch> batches) throws StoreException, InterruptedException {
        Instant since = tally.now();
        for (IngestionBatch batch : batches.values()) {
            IngestionOutcome outcome = batch.await();
            // The cluster reads these files, so what it stored is what was read.
            outcome.rows().ifPresent(count -> tally.rowsRead += count);
            tally.copied(outcome.rows());
        }
        tally.ingested(since);
    }

    /// Neither names nor a mapping: fields go by position.
    private boolean goesByPosition() {
        return translator.isEmpty() && sink.mappingName().isEmpty() && source.added().isEmpty()
                && source.format() instanceof FileFormat.Delimited(var dialect, var _) && !dialect.hasHeader();
    }

    /// Checks that every column of re-encoded rows is known to the table, unless a mapping of the table's own says what they mean.
    private RowReader byName(RowReader rows) throws StoreException {
        if (goesByPosition()) {
            List<String> names = List.copyOf(sink.columns().keySet());
            List<Translator.Field> fields = new ArrayList<>();
            for (int i = 0; i < Math.min(rows.columns().size(), names.size()); i++) {
                fields.add(new Translator.Field(new Translator.From.Ordinal(i + 1), names.get(i), Optional.empty()));
            }
            return MappedRows.of(rows, new Translator(fields, Optional.empty(), false), "the file");
        }
        if (sink.mappingName().isEmpty()) {
            for (Column column : rows.columns()) {
                sink.column(column.name());
            }
        }
        return rows;
    }

    /// How the cluster can read the file itself; empty when it cannot.
    private Optional<IngestionSettings> passage(StoredFile file) throws StoreException {
        boolean isPacked = source.format().compression() != Compression.NONE;
        boolean canReadPacking = !isPacked || source.format().compression() == Compression.GZIP && file.name().endsWith(".gz");
        if (!source.added().isEmpty() || source.store().onDisk(file).isEmpty() || !canReadPacking) {
            return Optional.empty();
        }
        return switch (source.format()) {
            case FileFormat.Parquet _ -> Optional.of(parquet());
            case FileFormat.Json json -> json(json);
            case FileFormat.Delimited(var dialect, var _) -> delimited(file, dialect);
            case FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files can be copied to binary files only");
        };
    }

    private IngestionSettings parquet() throws StoreException {
        if (translator.isPresent() && sink.mappingName().isPresent()) {
            throw StoreException.user("UserErrorInvalidTranslator", "A translator together with 'ingestionMappingName' is not supported for Parquet files");
        }
        return sink.settings("parquet", mapping(), false);
    }

    private Optional<Mapping> named() {
        return sink.mappingName().map(Mapping.Named::new);
    }

    private Optional<Mapping> mapping() throws StoreException {
        if (named().isPresent() || translator.isEmpty()) {
            return named();
        }
        List<IngestionSettings.Field> fields = new ArrayList<>();
        for (Translator.Field field : translator.get().fields()) {
            fields.add(new IngestionSettings.Field(sink.column(field.to()), new Place.JsonPath(DocumentRows.path(field.from()).toKusto())));
        }
        return Optional.of(new Mapping.Inline(fields));
    }

    private Optional<IngestionSettings> json(FileFormat.Json json) throws StoreException {
        boolean isBothMapped = translator.isPresent() && sink.mappingName().isPresent();
        boolean isCrossApplied = translator.flatMap(Translator::collection).isPresent();
        if (isBothMapped || isCrossApplied || !json.encoding().equals(StandardCharsets.UTF_8)) {
            return Optional.empty();
        }
        // multijson reads lines, arrays and concatenated objects alike, and fails on a broken document where json would skip it.
        return Optional.of(sink.settings("multijson", mapping(), false));
    }

    private Optional<IngestionSettings> delimited(StoredFile file, DelimitedText dialect) throws StoreException {
        Optional<String> format = format(dialect.delimiter());
        boolean isStandard = format.isPresent() && dialect.quote().equals(Optional.of('"')) && dialect.skipLines() == 0
                && dialect.encoding().equals(StandardCharsets.UTF_8) && dialect.nullText().orElse("").isEmpty()
                && dialect.rowDelimiter().map(text -> text.equals("\n") || text.equals("\r\n")).orElse(true)
                && !(translator.isPresent() && sink.mappingName().isPresent());
        if (!isStandard || !dialect.escapesByDoubling() && mayEscape(file, dialect)) {
            return Optional.empty();
        }
        return Optional.of(sink.settings(format.orElseThrow(), delimitedMapping(file, dialect), dialect.hasHeader()));
    }

    private static Optional<String> format(char delimiter) {
        return Optional.ofNullable(switch (delimiter) {
            case ',' -> "csv";
            case '\t' -> "tsv";
            case ';' -> "scsv";
            case '|' -> "psv";
            case '\u0001' -> "sohsv";
            default -> null;
        });
    }

    /// Whether the escape character occurs in the file at all: where it does not, the file means the same in the standard dialect.
    private boolean mayEscape(StoredFile file, DelimitedText dialect) throws StoreException {
        if (dialect.escape().isEmpty()) {
            return false;
        }
        char escape = dialect.escape().get();
        if (escape > 127) {
            return true;
        }
        byte[] buffer = new byte[1 << 16];
        try (InputStream bytes = source.format().compression().unpack(source.store().open(file))) {
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == escape) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    private Optional<Mapping> delimitedMapping(StoredFile file, DelimitedText dialect) throws StoreException {
        if (sink.mappingName().isPresent()) {
            return named();
        }
        if (goesByPosition()) {
            return Optional.empty();
        }
        List<Column> columns;
        try (DelimitedTextReader header = new DelimitedTextReader(file.path(), unpacked(file), dialect)) {
            columns = header.columns();
        }
        List<IngestionSettings.Field> fields = new ArrayList<>();
        if (translator.isEmpty()) {
            for (int i = 0; i < columns.size(); i++) {
                fields.add(new IngestionSettings.Field(sink.column(columns.get(i).name()), new Place.Ordinal(i)));
            }
        } else {
            for (Translator.Field field : translator.get().fields()) {
                int ordinal = MappedRows.position(columns, field.from(), "'" + file.path() + "'");
                fields.add(new IngestionSettings.Field(sink.column(field.to()), new Place.Ordinal(ordinal)));
            }
        }
        return Optional.of(new Mapping.Inline(fields));
    }

    private InputStream unpacked(StoredFile file) throws StoreException {
        try {
            return source.format().compression().unpack(source.store().open(file));
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
    }
}
