package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.NamedRows;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroWriter;
import io.conshelf.connectors.format.DelimitedTextWriter;
import io.conshelf.connectors.format.JsonDocumentWriter;
import io.conshelf.connectors.format.ParquetWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
                CopySource.Files all = source.asOne(rules.translator());
                boolean goesByPosition = source.format() instanceof FileFormat.Delimited(var dialect, var _) && !dialect.hasHeader() && rules.translator().isEmpty();
                for (StoredFile file : source.files()) {
                    try (RowReader reader = rules.over(all, file, tally)) {
                        if (goesByPosition) {
                            target.requireAsMany(reader.columns(), file);
                        }
                        target.write(reader, sink.path(0), "'" + file.path() + "'");
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
                    target.write(reader, paths.get(file), "'" + file.path() + "'");
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
                try (RowReader reader = new CountedRows(rules.over(source, split), tally, CountedRows.Counts.BYTES)) {
                    target.write(reader, sink.path(0), "the source");
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
        private OutputStream packed;
        private List<Column> columns = List.of();
        private long rowsInFile;
        private int parts;

        /// Columns without names are told apart by nothing but where they stand.
        void requireAsMany(List<Column> stated, StoredFile file) throws StoreException {
            if (!columns.isEmpty() && !stated.isEmpty() && stated.size() != columns.size()) {
                throw StoreException.user("UserErrorColumnCountMismatch", "Files with " + columns.size() + " and " + stated.size()
                        + " columns cannot go into one file: '" + file.path() + "'");
            }
        }

        void write(RowReader source, String path, String what) throws StoreException, InterruptedException {
            if (columns.isEmpty() && rowsInFile == 0) {
                // What came before had neither columns nor rows.
                close();
                writer = null;
                parts = 0;
            }
            requireApart(source.columns(), what);
            if (writer == null) {
                open(source.columns(), path);
            }
            RowReader reader = take(source, what);
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

        /// Text may have two columns of a name; where values are found by their names, one would be lost.
        private void requireApart(List<Column> stated, String what) throws StoreException {
            Set<String> names = new HashSet<>();
            for (Column column : stated) {
                if (!(sink.format() instanceof FileFormat.Delimited) && !names.add(column.name())) {
                    throw StoreException.user("UserErrorDuplicateColumnName", what + " has two columns '" + column.name()
                            + "', and a file of this format one of a name; a translator can give them others, by their ordinals");
                }
            }
        }

        /// Rows as the file that is being written takes them: documents have the names of their own rows, all else has those of the first.
        private RowReader take(RowReader rows, String what) throws StoreException {
            if (writer instanceof JsonDocumentWriter documents) {
                columns = rows.columns();
                documents.columns(columns);
                return rows;
            }
            RowReader named = NamedRows.onto(columns, rows, what);
            if (sink.format() instanceof FileFormat.Parquet || sink.format() instanceof FileFormat.Avro) {
                for (Column column : rows.columns()) {
                    Column own = columns.stream().filter(other -> other.name().equals(column.name())).findFirst().orElse(column);
                    if (!holds(own.type(), column.type())) {
                        throw StoreException.user("UserErrorColumnTypeMismatch", "Column '" + column.name() + "' of " + what + " is " + column.type().kustoName()
                                + " and " + own.type().kustoName() + " in the file that is being written; state a mapping with types, or copy the files apart");
                    }
                }
            }
            return named;
        }

        /// Whether a typed file's column takes every value of another type as it is.
        private static boolean holds(ValueType own, ValueType other) {
            return own == other || own == ValueType.STRING || own == ValueType.LONG && other == ValueType.INT
                    || (own == ValueType.REAL || own == ValueType.DECIMAL) && other == ValueType.INT || own == ValueType.DECIMAL && other == ValueType.LONG;
        }

        private static List<String> names(List<Column> columns) {
            return columns.stream().map(Column::name).toList();
        }

        private void open(List<Column> stated, String path) throws StoreException {
            columns = stated;
            pending = sink.store().create(path);
            parts++;
            rowsInFile = 0;
            try {
                packed = sink.format().compression().pack(tally.counted(pending.stream()), sink.inside(path));
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
                case FileFormat.Json _ -> writer = new JsonDocumentWriter(packed, columns, sink.pattern());
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

        /// What an archive has put aside goes with its stream; the file it would be is not committed.
        private void letGo() {
            if (sink.format().compression().isArchive()) {
                try {
                    packed.close();
                } catch (IOException abandoned) {
                    // Nobody reads it.
                }
            }
        }

        @Override
        public void close() throws StoreException {
            if (writer != null) {
                writer.discard();
                letGo();
            }
            if (pending != null) {
                pending.close();
            }
        }
    }
}
