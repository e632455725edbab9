package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.JsonDocumentWriter.FilePattern;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The files between the two steps of a staged copy: CSV for a cluster, which reads it as it is, and Parquet, which keeps types, for others.
/// They are gone when the copy has ended.
final class StagedRows implements AutoCloseable {
    private static final long ROWS_PER_FILE = 5_000_000;

    private final String type;
    private final Stores.FilePlace place;
    private final String folder;
    private final FileFormat format;

    private StagedRows(String type, Stores.FilePlace place, String folder, FileFormat format) {
        this.type = type;
        this.place = place;
        this.folder = folder;
        this.format = format;
    }

    static StagedRows of(ActivityContext context, Located settings, BatchId copy, Dataset to) throws ActivityFailure, StoreException {
        Stores.FilePlace place = context.stores().place(settings.at("linkedServiceName"), settings.at("path"), context.scope());
        boolean isPacked = settings.at("enableCompression").flag().orElse(false);
        FileFormat format = to.isClusterTable()
                ? new FileFormat.Delimited(DelimitedText.rfc4180(',').withHeader(), isPacked ? Compression.GZIP : Compression.NONE)
                : new FileFormat.Parquet("snappy");
        return new StagedRows(place.store().type(), place, StorePath.join(place.folder(), copy.text()), format);
    }

    String type() {
        return type;
    }

    /// The first step.
    void take(CopySource source, RowRules rules, Tally tally) throws StoreException, InterruptedException {
        Located location = new Located("", "stagingSettings", JsonNodeFactory.instance.objectNode().put("folderPath", folder));
        // What an earlier attempt left is not what this one stages.
        clear();
        FileSink sink = new FileSink(place.store(), format, location, Optional.empty(), FileSink.Behavior.MERGE_FILES, Optional.empty(), false,
                FilePattern.SET_OF_OBJECTS, OptionalLong.of(ROWS_PER_FILE), Optional.of("rows"));
        switch (source) {
            case CopySource.Files files when files.format() instanceof FileFormat.Binary -> throw StoreException.user("UserErrorUnsupportedStaging",
                    "Binary files are not staged; set enableStaging to false");
            case CopySource.Files files -> new RowsToFiles(sink, rules, tally, 1).copy(files);
            case CopySource.Rows rows -> new RowsToFiles(sink, rules, tally, 1).copy(rows);
        }
    }

    /// The source of the second step. Its files have no time: the same rows are the same files.
    CopySource.Files source() throws StoreException {
        // A source without rows stages no file, and its container is not made.
        List<StoredFile> staged = place.store().look(folder).isPresent() ? place.store().files(folder, Depth.FOLDER_ALONE) : List.of();
        List<StoredFile> files = staged.stream()
                .map(file -> new StoredFile(file.path(), file.sizeBytes(), Instant.EPOCH)).sorted(Comparator.comparing(StoredFile::path)).toList();
        return new CopySource.Files(type, place.store(), files, format, folder, false, AddedColumns.NONE, Optional.empty(), false, Optional.empty(),
                Optional.empty());
    }

    /// A container may not be there yet: it is made with its first file.
    private void clear() throws StoreException {
        if (place.store().look(folder).isPresent()) {
            place.store().deleteFolder(folder);
        }
    }

    @Override
    public void close() throws StoreException {
        clear();
    }
}
