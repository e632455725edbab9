package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.JsonDocumentWriter.FilePattern;
import io.conshelf.factory.activity.ActivityFailure;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// Files as the target of a copy, and how they are named.
///
/// @param fileName empty where names are made
/// @param rowsMax  rows a file holds at most, where the settings say so
record FileSink(FileStore store, FileFormat format, Located location, Optional<String> fileName, Behavior behavior, Optional<String> extension,
        boolean quotesAll, FilePattern pattern, OptionalLong rowsMax, Optional<String> namePrefix) {

    enum Behavior { PRESERVE_HIERARCHY, FLATTEN_HIERARCHY, MERGE_FILES }

    static FileSink of(Stores stores, Dataset dataset, Located stated) throws ActivityFailure, StoreException {
        Located sink = EarlierFiles.today(stated);
        Located location = dataset.properties().at("location");
        Located format = sink.at("formatSettings");
        FileFormat known = FileFormat.of(dataset, format);
        OptionalLong rowsMax = format.at("maxRowsPerFile").integer().filter(rows -> rows > 0).map(OptionalLong::of).orElse(OptionalLong.empty());
        return new FileSink(stores.files(dataset, sink.at("storeSettings")), known, location, location.at("fileName").text().filter(text -> !text.isBlank()),
                behavior(sink.at("storeSettings").at("copyBehavior")), format.at("fileExtension").text().filter(text -> !text.isBlank()),
                format.at("quoteAllText").flag().orElse(false), pattern(format.at("filePattern").isPresent() ? format.at("filePattern") : dataset.properties().at("filePattern")), rowsMax,
                format.at("fileNamePrefix").text().filter(text -> !text.isBlank()));
    }

    private static Behavior behavior(Located stated) throws StoreException {
        return switch (stated.text("PreserveHierarchy").toLowerCase(Locale.ROOT)) {
            case "preservehierarchy" -> Behavior.PRESERVE_HIERARCHY;
            case "flattenhierarchy" -> Behavior.FLATTEN_HIERARCHY;
            case "mergefiles" -> Behavior.MERGE_FILES;
            default -> throw StoreException.user("UserErrorInvalidCopyBehavior", "'" + stated.path()
                    + "' is PreserveHierarchy, FlattenHierarchy or MergeFiles, found '" + stated.text("") + "'");
        };
    }

    private static FilePattern pattern(Located stated) {
        return stated.text("").equalsIgnoreCase("arrayOfObjects") ? FilePattern.ARRAY_OF_OBJECTS : FilePattern.SET_OF_OBJECTS;
    }

    /// True when everything goes into one file.
    boolean isOneFile() {
        return fileName.isPresent() || behavior == Behavior.MERGE_FILES;
    }

    /// The path of the only file, or of the n-th where rows are limited.
    String path(int part) {
        if (rowsMax.isPresent()) {
            String prefix = namePrefix.or(() -> fileName.map(name -> name.replaceFirst("\\.[^.]*$", ""))).orElse("data");
            return CopySource.path(location, "%s_%05d%s".formatted(prefix, part, suffix()));
        }
        return CopySource.path(location, fileName.orElseGet(() -> generated()));
    }

    /// What a file is called in an archive that is written to this path.
    String inside(String path) {
        String name = StorePath.name(path);
        String ending = format.compression().suffix();
        return name.toLowerCase(Locale.ROOT).endsWith(ending) && name.length() > ending.length() ? name.substring(0, name.length() - ending.length()) : name;
    }

    /// The path of the file that a source file becomes.
    String path(CopySource.Files source, StoredFile file) {
        if (behavior == Behavior.FLATTEN_HIERARCHY) {
            return CopySource.path(location, generated());
        }
        String relative = source.relative(file);
        boolean keepsName = format instanceof FileFormat.Binary || extension.isEmpty() && format.getClass() == source.format().getClass();
        return CopySource.path(location, keepsName ? relative : relative.replaceFirst("\\.[^./]*$", "") + suffix());
    }

    private String generated() {
        return "data_" + UUID.randomUUID() + "_" + UUID.randomUUID() + suffix();
    }

    private String suffix() {
        return extension.orElse(switch (format) {
            case FileFormat.Json _ -> ".json" + format.compression().suffix();
            case FileFormat.Delimited _ -> ".txt" + format.compression().suffix();
            case FileFormat.Parquet _ -> ".parquet";
            case FileFormat.Avro _ -> ".avro";
            case FileFormat.Binary(var packing) -> packing.isArchive() ? packing.suffix() : "";
        });
    }
}
