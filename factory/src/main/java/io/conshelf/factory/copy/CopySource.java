package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.DelimitedTextReader;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Located;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where a copy or lookup reads from.
sealed interface CopySource {
    AddedColumns added();

    /// What the output calls it.
    String type();

    /// A query of a cluster.
    record Query(Stores.Database database, String text, QueryOptions options, AddedColumns added) implements CopySource {
        @Override
        public String type() {
            return "AzureDataExplorer";
        }

        RowReader rows() throws StoreException {
            return added.addTo(database.cluster().query(database.name(), text, options), "", "the query's result");
        }
    }

    /// Files of one format.
    ///
    /// @param folder the dataset's folder, which paths in rows and in the sink are relative to
    record Files(FileStore store, List<StoredFile> files, FileFormat format, String folder, boolean isDeletedAfterwards, AddedColumns added,
            boolean isOneFile) implements CopySource {
        @Override
        public String type() {
            return "FileServer";
        }

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
        if (dataset.isTable()) {
            String query = source.at("query").text("");
            Duration timeout = source.at("queryTimeout").text().flatMap(Activity::duration).orElse(Duration.ofMinutes(10));
            if (timeout.compareTo(Duration.ofHours(1)) > 0) {
                throw StoreException.user("UserErrorInvalidQueryTimeout", "'" + source.at("queryTimeout").path() + "' is at most 01:00:00");
            }
            boolean noTruncation = source.at("noTruncation").flag().orElse(false);
            return new Query(stores.database(dataset.linkedService()), query, new QueryOptions(timeout, noTruncation), added);
        }
        int skipLines = source.at("formatSettings").at("skipLineCount").integer().orElse(0L).intValue();
        FileFormat format = FileFormat.of(dataset, skipLines);
        FileStore store = stores.files(dataset.linkedService());
        Located location = dataset.properties().at("location");
        Located settings = source.at("storeSettings");
        FileSelection selection = FilesMeant.of(location, settings, Depth.WITH_SUBFOLDERS).selection();
        return new Files(store, store.find(selection), format, selection.base(), settings.at("deleteFilesAfterCompletion").flag().orElse(false), added,
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
