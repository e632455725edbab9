package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.DelimitedTextReader;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Located;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where a copy or lookup reads from.
sealed interface CopySource {
    AddedColumns added();

    /// What the output calls it.
    String type();

    /// A store of rows.
    record Rows(RowSource source, String type, AddedColumns added) implements CopySource {
        RowReader rows(Split split) throws StoreException {
            return added.addTo(source.open(split), "", "the source");
        }
    }

    /// Files of one format.
    ///
    /// @param folder the dataset's folder, which paths in rows and in the sink are relative to
    record Files(String type, FileStore store, List<StoredFile> files, FileFormat format, String folder, boolean isDeletedAfterwards,
            AddedColumns added, boolean isOneFile) implements CopySource {

        String relative(StoredFile file) {
            return StorePath.below(folder, file.path());
        }

        InputStream open(StoredFile file, Tally tally) throws StoreException {
            InputStream packed = tally.counted(store.open(file));
            try {
                return format.compression().unpack(packed);
            } catch (IOException failure) {
                throw StoreException.user("UserErrorFileReadFailure", "'" + file.path() + "' cannot be unpacked: " + failure.getMessage());
            }
        }

        /// A file's rows: mapped, or with all their columns.
        RowReader rows(StoredFile file, Optional<Translator> translator, Tally tally) throws StoreException {
            String what = "'" + file.path() + "'";
            return switch (format) {
                case FileFormat.Delimited(var dialect, var _) -> {
                    RowReader rows = added.addTo(new DelimitedTextReader(file.path(), open(file, tally), dialect), relative(file), what);
                    yield translator.isPresent() ? MappedRows.of(rows, translator.get(), what) : rows;
                }
                case FileFormat.Json _ -> new DocumentRows(new JsonDocumentReader(file.path(), open(file, tally)), added, relative(file),
                        translator.isPresent() ? translator.get() : everyProperty(file, tally));
                case FileFormat.Parquet _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Parquet files can be copied to Azure Data "
                        + "Explorer only; reading their rows for another target is not supported yet");
                case FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files can be copied to binary files only");
            };
        }

        // Documents state no columns, so the file is read once more, for the names of its properties.
        private Translator everyProperty(StoredFile file, Tally tally) throws StoreException {
            Set<String> names = new LinkedHashSet<>();
            long bytes = tally.bytesRead;
            try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), open(file, tally))) {
                for (Optional<ObjectNode> document = documents.next(); document.isPresent(); document = documents.next()) {
                    added.addTo(document.get(), "");
                    document.get().fieldNames().forEachRemaining(names::add);
                }
            }
            tally.bytesRead = bytes;
            return new Translator(names.stream().map(name -> new Translator.Field(new Translator.From.Name(name), name, Optional.empty())).toList(),
                    Optional.empty(), false);
        }
    }

    /// Opens the source of an activity: a dataset and the source's settings.
    static CopySource of(Stores stores, Dataset dataset, Located source) throws ActivityFailure, StoreException {
        AddedColumns added = AddedColumns.of(source);
        String type = dataset.linkedService().type();
        Optional<RowStoreType> rows = Catalogue.rowStore(dataset.type());
        if (rows.isPresent()) {
            RowStoreType.SourceOpener opener = rows.get().source().orElseThrow(() -> StoreException.user("UserErrorUnsupportedSource",
                    "Dataset '" + dataset.name() + "' of type '" + dataset.type() + "' cannot be read"));
            return new Rows(opener.open(stores, dataset, source), type, added);
        }
        FileFormat format = FileFormat.of(dataset, source.at("formatSettings"));
        FileStore store = stores.files(dataset, source.at("storeSettings"));
        Located location = dataset.properties().at("location");
        Located settings = source.at("storeSettings");
        FileSelection selection = FilesMeant.of(location, settings, Depth.WITH_SUBFOLDERS).selection();
        return new Files(type, store, store.find(selection), format, selection.base(), settings.at("deleteFilesAfterCompletion").flag().orElse(false), added,
                selection.isOneFile());
    }

    /// The path of a file in the folder of a location.
    static String path(Located location, String name) {
        return StorePath.join(location.at("folderPath").text(""), name);
    }

    /// What all files of a source weigh.
    static long size(List<StoredFile> files) {
        return files.stream().mapToLong(StoredFile::sizeBytes).sum();
    }
}
