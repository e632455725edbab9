package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.connectors.format.JsonDocumentWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Writes rows into delimited text or JSON files.
final class RowsToFiles {
    private final FileSink sink;
    private final Tally tally;
    private long rows;

    RowsToFiles(FileSink sink, Tally tally) {
        this.sink = sink;
        this.tally = tally;
    }

    /// Copies the rows of every source file, each into a file of its own or all into one.
    void copy(CopySource.Files source, Optional<Translator> translator) throws StoreException, InterruptedException {
        if (sink.isOneFile() || sink.rowsMax().isPresent()) {
            try (Target target = new Target()) {
                for (StoredFile file : source.files()) {
                    try (RowReader reader = source.rows(file, translator, tally)) {
                        target.write(reader, sink.path(0));
                    }
                    tally.filesRead++;
                }
                target.commit();
            }
        } else {
            for (StoredFile file : source.files()) {
                try (RowReader reader = source.rows(file, translator, tally); Target target = new Target()) {
                    target.write(reader, sink.path(source, file));
                    target.commit();
                }
                tally.filesRead++;
            }
        }
        tally.rowsCopied = OptionalLong.of(rows);
    }

    void copy(RowReader reader) throws StoreException, InterruptedException {
        try (Target target = new Target()) {
            target.write(reader, sink.path(0));
            target.commit();
        }
        tally.rowsCopied = OptionalLong.of(rows);
    }

    /// The file that is being written, and the next one when it is full.
    private final class Target implements AutoCloseable {
        private FileStore.PendingFile pending;
        private RowWriter writer;
        private List<String> names = List.of();
        private long rowsInFile;
        private int parts;

        void write(RowReader reader, String path) throws StoreException, InterruptedException {
            List<String> stated = reader.columns().stream().map(Column::name).toList();
            if (writer == null) {
                open(stated, path);
            } else if (sink.format() instanceof FileFormat.Delimited && stated.size() != names.size()) {
                throw StoreException.user("UserErrorColumnCountMismatch", "Files with " + names.size() + " and " + stated.size()
                        + " columns cannot go into one file of delimited text");
            }
            for (Optional<List<JsonNode>> row = reader.next(); row.isPresent(); row = reader.next()) {
                if (sink.rowsMax().isPresent() && rowsInFile >= sink.rowsMax().getAsLong()) {
                    commit();
                    open(names, sink.path(parts));
                }
                writer.write(row.get());
                rowsInFile++;
                rows++;
                tally.rowsRead++;
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }

        private void open(List<String> columns, String path) throws StoreException {
            names = columns;
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
                        text.writeHeader(columns);
                    }
                    writer = text;
                }
                case FileFormat.Json _ -> writer = new JsonDocumentWriter(packed, columns, sink.pattern());
                case FileFormat.Parquet _, FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat",
                        "Rows can be written to DelimitedText and Json files only");
            }
        }

        void commit() throws StoreException {
            if (writer != null) {
                writer.close();
                pending.commit();
                writer = null;
                tally.filesWritten++;
            }
        }

        @Override
        public void close() throws StoreException {
            if (pending != null) {
                pending.close();
            }
        }
    }
}
