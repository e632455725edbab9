package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroWriter;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.connectors.format.JsonDocumentWriter;
import io.conshelf.connectors.format.ParquetWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// Writes rows into delimited text or JSON files.
final class RowsToFiles {
    private final FileSink sink;
    private final RowRules rules;
    private final Tally tally;
    private final int width;
    private final AtomicLong rows = new AtomicLong();

    /// @param width how many files are written at a time
    RowsToFiles(FileSink sink, RowRules rules, Tally tally, int width) {
        this.width = width;
        this.sink = sink;
        this.rules = rules;
        this.tally = tally;
    }

    /// Copies the rows of every source file, each into a file of its own or all into one.
    void copy(CopySource.Files source) throws StoreException, InterruptedException {
        if (sink.isOneFile() || sink.rowsMax().isPresent()) {
            try (Target target = new Target()) {
                for (StoredFile file : source.files()) {
                    try (RowReader reader = rules.over(source, file, tally)) {
                        target.write(reader, sink.path(0));
                    }
                    tally.readFile();
                }
                target.commit();
            }
        } else {
            Map<StoredFile, String> paths = paths(source);
            Parallel.run(source.files(), width, file -> {
                tally.startsReading();
                try (RowReader reader = rules.over(source, file, tally); Target target = new Target()) {
                    target.write(reader, paths.get(file));
                    target.commit();
                } finally {
                    tally.endsReading();
                }
                tally.readFile();
            });
        }
        tally.copied(OptionalLong.of(rows.get()));
    }

    /// Where each file goes; names that differ in their ending alone may become one, and one would be lost.
    private Map<StoredFile, String> paths(CopySource.Files source) throws StoreException {
        Map<StoredFile, String> paths = new HashMap<>();
        Map<String, StoredFile> taken = new HashMap<>();
        for (StoredFile file : source.files()) {
            String path = sink.path(source, file);
            StoredFile other = taken.put(path, file);
            if (other != null) {
                throw StoreException.user("UserErrorFileNameConflict", "'" + other.path() + "' and '" + file.path() + "' would both be written to '" + path
                        + "'; copy them apart, or with 'copyBehavior' FlattenHierarchy or MergeFiles");
            }
            paths.put(file, path);
        }
        return paths;
    }

    void copy(CopySource.Rows source) throws StoreException, InterruptedException {
        try (Target target = new Target()) {
            for (Split split : source.source().splits(1)) {
                try (RowReader reader = new CountedRows(rules.over(source, split), tally)) {
                    target.write(reader, sink.path(0));
                }
            }
            target.commit();
        }
        tally.copied(OptionalLong.of(rows.get()));
    }

    /// The file that is being written, and the next one when it is full.
    private final class Target implements AutoCloseable {
        private FileStore.PendingFile pending;
        private RowWriter writer;
        private List<Column> columns = List.of();
        private long rowsInFile;
        private int parts;

        void write(RowReader reader, String path) throws StoreException, InterruptedException {
            List<Column> stated = reader.columns();
            if (writer == null) {
                open(stated, path);
            } else if (!(sink.format() instanceof FileFormat.Json) && stated.size() != columns.size()) {
                throw StoreException.user("UserErrorColumnCountMismatch", "Files with " + columns.size() + " and " + stated.size()
                        + " columns cannot go into one file");
            }
            for (Optional<List<JsonNode>> row = reader.next(); row.isPresent(); row = reader.next()) {
                if (sink.rowsMax().isPresent() && rowsInFile >= sink.rowsMax().getAsLong()) {
                    commit();
                    open(columns, sink.path(parts));
                }
                writer.write(row.get());
                rowsInFile++;
                rows.incrementAndGet();
                tally.readRow();
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }

        private static List<String> names(List<Column> columns) {
            return columns.stream().map(Column::name).toList();
        }

        private void open(List<Column> stated, String path) throws StoreException {
            columns = stated;
            pending = sink.store().create(path);
            parts++;
            rowsInFile = 0;
            OutputStream packed;
            try {
                packed = sink.format().compression().pack(tally.counted(pending.stream()));
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileWriteFailure", "'" + path + "' cannot be packed: " + failure.getMessage(), failure);
            }
            switch (sink.format()) {
                case FileFormat.Delimited(var dialect, var _) -> {
                    DelimitedTextWriter text = new DelimitedTextWriter(packed, dialect, sink.quotesAll());
                    if (dialect.hasHeader()) {
                        text.writeHeader(names(columns));
                    }
                    writer = text;
                }
                case FileFormat.Json _ -> writer = new JsonDocumentWriter(packed, names(columns), sink.pattern());
                case FileFormat.Parquet(String codec) -> writer = new ParquetWriter(packed, columns, codec);
                case FileFormat.Avro(var options) -> writer = new AvroWriter(packed, columns, options);
                case FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Rows cannot be written to binary files");
            }
        }

        void commit() throws StoreException {
            if (writer != null) {
                writer.close();
                pending.commit();
                writer = null;
                tally.wroteFile();
            }
        }

        @Override
        public void close() throws StoreException {
            if (writer != null) {
                writer.discard();
            }
            if (pending != null) {
                pending.close();
            }
        }
    }
}
