package io.conshelf.factory.copy;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroReader;
import io.conshelf.connectors.format.ParquetFooter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// The columns that a file itself names: those of Parquet stand at its end, those of Avro at its beginning. A cluster makes nothing of a column
/// that is not there, so files of which no column is meant would become rows without a value, and nobody would be told.
final class FileColumns {
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
                if (!path.steps().isEmpty() && path.steps().getFirst() instanceof JsonPath.Step.Name(String name) && source.added(file).find(name).isEmpty()) {
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

    /// Empty where the file is no Parquet: the cluster tells that.
    ///
    /// @throws StoreException where the file is no Avro
    private static Optional<List<Column>> of(CopySource.Files source, StoredFile file) throws StoreException {
        return switch (source.format()) {
            case FileFormat.Parquet _ -> ParquetFooter.columns(source.store(), file)
                    .map(names -> names.stream().map(name -> new Column(name, ValueType.STRING)).toList());
            case FileFormat.Avro _ -> {
                try (InputStream bytes = source.store().open(file); RowReader reader = new AvroReader(file.path(), bytes)) {
                    yield Optional.of(reader.columns());
                } catch (IOException failure) {
                    throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
                }
            }
            case FileFormat.Delimited _, FileFormat.Json _, FileFormat.Binary _ -> Optional.empty();
        };
    }
}
