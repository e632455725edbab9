package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroReader;
import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.format.DelimitedTextReader;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.format.ParquetReader;
import io.conshelf.factory.activity.ActivityFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a copy or lookup reads from.
sealed interface CopySource extends AutoCloseable {
    /// What the output calls it.
    String type();

    @Override
    void close() throws StoreException;

    /// A store of rows.
    record Rows(RowSource source, String type, AddedColumns added) implements CopySource {
        RowReader rows(Split split) throws StoreException {
            return added.addTo(source.open(split), "", "the source");
        }

        @Override
        public void close() throws StoreException {
            source.close();
        }
    }

    /// Files of one format.
    ///
    /// @param folder    the dataset's folder, which paths in rows and in the sink are relative to
    /// @param documents the columns of documents where those of all files are known; otherwise each file has its own
    record Files(String type, FileStore store, List<StoredFile> files, FileFormat format, String folder, boolean isDeletedAfterwards,
            AddedColumns stated, Optional<PartitionColumns> partitions, boolean isOneFile, Optional<ExpandedArchives> expanded,
            Optional<List<Column>> documents) implements CopySource {

        /// The same files on their way into one target: documents have the columns of all of them, whatever each file has.
        Files asOne(Optional<Translator> translator) throws StoreException {
            return !(format instanceof FileFormat.Json) || translator.isPresent() ? this : new Files(type, store, files, format, folder, isDeletedAfterwards, stated,
                    partitions, isOneFile, expanded, Optional.of(everyProperty(files)));
        }

        @Override
        public void close() throws StoreException {
            if (expanded.isPresent()) {
                expanded.get().close();
            }
        }

        /// The columns that the rows of a file get beside their own.
        AddedColumns added(StoredFile file) {
            return partitions.isPresent() ? partitions.get().addedTo(stated, file) : stated;
        }

        /// Whether rows have no columns but their own.
        boolean addsNothing() {
            return stated.isEmpty() && partitions.isEmpty();
        }

        String relative(StoredFile file) {
            return StorePath.below(folder, file.path());
        }

        InputStream open(StoredFile file, Tally tally) throws StoreException {
            return unpacked(file, tally.counted(store.open(file)));
        }

        /// Deletes what was read.
        void delete() throws StoreException {
            for (StoredFile file : expanded.map(ExpandedArchives::archives).orElse(files)) {
                expanded.map(ExpandedArchives::origin).orElse(store).delete(file);
            }
        }

        boolean isPacked() {
            return format.compression() != Compression.NONE;
        }

        private InputStream unpacked(StoredFile file, InputStream packed) throws StoreException {
            try {
                return format.compression().unpack(packed);
            } catch (IOException failure) {
                throw StoreException.user("UserErrorFileReadFailure", "'" + file.path() + "' cannot be unpacked: " + failure.getMessage());
            }
        }

        /// A file's rows: mapped, or with all their columns.
        RowReader rows(StoredFile file, Optional<Translator> translator, Tally tally) throws StoreException {
            return switch (format) {
                case FileFormat.Delimited(var dialect, var _) -> tabular(new DelimitedTextReader(file.path(), open(file, tally), dialect), file, translator);
                case FileFormat.Json _ -> documents(file, translator, tally);
                case FileFormat.Parquet _ -> tabular(parquet(file, tally), file, translator);
                case FileFormat.Avro _ -> tabular(new AvroReader(file.path(), open(file, tally)), file, translator);
                case FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files have no rows; they can be copied to binary files only");
            };
        }

        private RowReader documents(StoredFile file, Optional<Translator> translator, Tally tally) throws StoreException {
            List<Column> columns = translator.isPresent() ? translator.get().fields().stream().map(field -> new Column(field.to(), ValueType.STRING)).toList()
                    : documents.isPresent() ? documents.get() : everyProperty(List.of(file));
            Translator mapping = translator.isPresent() ? translator.get()
                    : Translator.of(columns.stream().map(column -> Translator.Field.of(new Translator.From.Name(column.name()), column.name())).toList());
            return new DocumentRows(new JsonDocumentReader(file.path(), open(file, tally)), added(file), relative(file), mapping, columns);
        }

        private RowReader tabular(RowReader rows, StoredFile file, Optional<Translator> translator) throws StoreException {
            String what = "'" + file.path() + "'";
            RowReader all = added(file).addTo(rows, relative(file), what);
            return translator.isPresent() ? MappedRows.of(all, translator.get(), what) : all;
        }

        // The library reads from a file, because Parquet is read from its end.
        private RowReader parquet(StoredFile file, Tally tally) throws StoreException {
            Optional<Path> path = store.onDisk(file);
            if (path.isPresent()) {
                tally.read(file.sizeBytes());
                return new ParquetReader(file.path(), path.get());
            }
            return TemporaryRows.of(".parquet", open(file, tally), local -> new ParquetReader(file.path(), local));
        }

        // Documents state no columns, so files are read once more, for the names and types of their properties.
        private List<Column> everyProperty(List<StoredFile> all) throws StoreException {
            DocumentColumns columns = new DocumentColumns();
            for (StoredFile file : all) {
                try (JsonDocumentReader reader = new JsonDocumentReader(file.path(), unpacked(file, store.open(file)))) {
                    for (Optional<ObjectNode> document = reader.next(); document.isPresent(); document = reader.next()) {
                        added(file).addTo(document.get(), relative(file));
                        columns.add(document.get());
                    }
                }
            }
            return columns.columns();
        }
    }

    /// Opens the source of an activity: a dataset and the source's settings.
    static CopySource of(Stores stores, Dataset dataset, Located source) throws ActivityFailure, StoreException, InterruptedException {
        return of(stores, dataset, source, FileFaults.none());
    }

    /// @param faults what a copy of binary files leaves out
    static CopySource of(Stores stores, Dataset dataset, Located stated, FileFaults faults) throws ActivityFailure, StoreException, InterruptedException {
        Located source = EarlierFiles.today(stated);
        AddedColumns added = AddedColumns.of(source);
        String type = dataset.linkedService().type();
        if (WebStores.isResource(dataset)) {
            // Each page is a file of JSON, so that mappings with paths and collections hold for it as for any other.
            FileStore pages = WebStores.pages(stores, dataset, source);
            return new Files(type, pages, pages.files("", Depth.WITH_SUBFOLDERS), new FileFormat.Json(StandardCharsets.UTF_8, Compression.NONE), "", false,
                    added, Optional.empty(), false, Optional.empty(), Optional.empty());
        }
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
        FilesMeant meant = FilesMeant.of(location, settings, Depth.WITH_SUBFOLDERS);
        FileSelection selection = meant.selection();
        if (meant.partitions().isPresent() && format instanceof FileFormat.Binary) {
            throw StoreException.user("UserErrorUnsupportedFormat", "'" + settings.at("enablePartitionDiscovery").path()
                    + "' gives columns, and binary files have none");
        }
        boolean isDeleted = settings.at("deleteFilesAfterCompletion").flag().orElse(false);
        List<StoredFile> files = store.find(format instanceof FileFormat.Binary && faults.skipsMissing() ? selection.keepingAbsent() : selection);
        if (!format.compression().isArchive()) {
            return new Files(type, store, files, format, selection.base(), isDeleted, added, partitions(meant, files), selection.isOneFile(), Optional.empty(),
                    Optional.empty());
        }
        Located unpacking = source.at("formatSettings").at("compressionProperties");
        boolean keepsNames = unpacking.at("preserveZipFileNameAsFolder").flag().or(() -> unpacking.at("preserveCompressionFileNameAsFolder").flag()).orElse(true);
        ExpandedArchives expanded = ExpandedArchives.of(store, files, selection.base(), format.compression(), keepsNames);
        return new Files(type, expanded.store(), expanded.files(), format.unpacked(), selection.base(), isDeleted, added, partitions(meant, expanded.files()), false,
                Optional.of(expanded), Optional.empty());
    }

    private static Optional<PartitionColumns> partitions(FilesMeant meant, List<StoredFile> files) throws StoreException {
        return meant.partitions().isPresent() ? Optional.of(PartitionColumns.of(meant.partitions().get(), files)) : Optional.empty();
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
