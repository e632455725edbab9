package io.conshelf.factory.copy;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.ByteRange;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroReader;
import io.conshelf.connectors.format.ParquetReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The columns that a file itself names: those of Parquet stand at its end, those of Avro at its beginning. A cluster makes nothing of a column
/// that is not there, so files of which no column is meant would become rows without a value, and nobody would be told.
final class FileColumns {
    private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
    /// The length of what describes the file, and the mark.
    private static final int END_BYTES = 8;
    private static final int DESCRIPTION_BYTES_MAX = 64 << 20;

    private FileColumns() {}

    /// Checks what a copy means to do with a file that goes to the cluster as it is.
    static void check(CopySource.Files source, StoredFile file, RowRules rules, TableSink sink) throws StoreException {
        boolean isMapped = rules.translator().isPresent();
        if (source.isPacked() || sink.mapping().isPresent() || !isMapped && !sink.columns().areSeen()) {
            return;
        }
        Optional<List<Column>> columns = of(source, file);
        if (columns.isEmpty()) {
            return;
        }
        String what = "'" + file.path() + "'";
        if (isMapped) {
            for (Translator.Field field : rules.translator().get().fields()) {
                JsonPath path = DocumentRows.path(field.from());
                if (path.steps().getFirst() instanceof JsonPath.Step.Name(String name) && source.added(file).find(name).isEmpty()) {
                    int _ = MappedRows.position(columns.get(), new Translator.From.Name(name), what);
                }
            }
            return;
        }
        List<String> names = columns.get().stream().map(Column::name).toList();
        List<String> meant = sink.columns().names();
        if (!names.isEmpty() && names.stream().noneMatch(meant::contains)) {
            throw StoreException.user("UserErrorKustoColumnNotFound", what + " has the columns " + names + ", and table '" + sink.table()
                    + "' has none of such a name; it has " + meant + ". A translator or a mapping can say where values go");
        }
    }

    /// Empty where the file is not what it is said to be: the cluster tells that.
    private static Optional<List<Column>> of(CopySource.Files source, StoredFile file) throws StoreException {
        return switch (source.format()) {
            case FileFormat.Parquet _ -> parquet(source.store(), file);
            case FileFormat.Avro _ -> {
                try (RowReader reader = new AvroReader(file.path(), source.store().open(file))) {
                    yield Optional.of(reader.columns());
                }
            }
            case FileFormat.Delimited _, FileFormat.Json _, FileFormat.Binary _ -> Optional.empty();
        };
    }

    private static Optional<List<Column>> parquet(FileStore store, StoredFile file) throws StoreException {
        Optional<Path> path = store.onDisk(file);
        if (path.isPresent()) {
            return Optional.of(ParquetReader.columns(file.path(), path.get()));
        }
        if (file.sizeBytes() < END_BYTES + PARQUET.length) {
            return Optional.empty();
        }
        try {
            ByteBuffer end = ByteBuffer.wrap(bytes(store, file, END_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            int length = end.getInt();
            if (length <= 0 || length > Math.min(DESCRIPTION_BYTES_MAX, file.sizeBytes() - END_BYTES - PARQUET.length)
                    || !end.slice().equals(ByteBuffer.wrap(PARQUET))) {
                return Optional.empty();
            }
            // Who asks for columns reads a file's mark and its end; what would lie between is not needed.
            InputStream described = new SequenceInputStream(new ByteArrayInputStream(PARQUET), new ByteArrayInputStream(bytes(store, file, length + END_BYTES)));
            return Optional.of(TemporaryRows.in(".parquet", described, local -> ParquetReader.columns(file.path(), local)));
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    private static byte[] bytes(FileStore store, StoredFile file, int last) throws StoreException, IOException {
        try (InputStream stretch = store.open(file, new ByteRange(file.sizeBytes() - last, last))) {
            byte[] bytes = stretch.readNBytes(last);
            if (bytes.length < last) {
                throw new IOException("it is shorter than it was");
            }
            return bytes;
        }
    }
}
