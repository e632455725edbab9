package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import io.conshelf.connectors.file.FileSelection.Window;
import io.conshelf.connectors.file.Partitions;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.Wildcard;
import io.conshelf.factory.expression.Timestamp;
import java.time.Instant;
import java.util.Optional;

/// The files that a dataset's location and an activity's store settings mean together.
///
/// @param partitions the columns that folders give, where the settings ask for them
public record FilesMeant(FileSelection selection, Optional<Partitions> partitions) {

    /// @param location  of a dataset: `folderPath`, `fileName`, and the container where the store has some
    /// @param settings  `storeSettings` of a source, a Delete or a GetMetadata; may be absent
    /// @param otherwise how deep to go where the settings do not say
    public static FilesMeant of(Located location, Located settings, Depth otherwise) throws StoreException {
        Depth depth = settings.at("recursive").flag().map(isDeep -> isDeep ? Depth.WITH_SUBFOLDERS : Depth.FOLDER_ALONE).orElse(otherwise);
        Window window = new Window(time(either(settings, location, "modifiedDatetimeStart")).orElse(Instant.MIN),
                time(either(settings, location, "modifiedDatetimeEnd")).orElse(Instant.MAX));
        FileSelection selection = new FileSelection(where(location, settings), depth, window);
        return new FilesMeant(selection, partitions(location, settings, selection));
    }

    private static Where where(Located location, Located settings) throws StoreException {
        String folder = StorePath.of(location.at("folderPath").text(""));
        Optional<String> file = stated(location.at("fileName"));
        Optional<String> list = stated(settings.at("fileListPath"));
        Optional<String> prefix = stated(settings.at("prefix"));
        Optional<String> wildcardFolder = stated(either(settings, location, "wildcardFolderPath"));
        Optional<String> pattern = stated(either(settings, location, "wildcardFileName")).or(() -> stated(settings.at("fileFilter")));
        Wildcard names = pattern.map(Wildcard::of).orElseGet(() -> file.map(Wildcard::exactly).orElse(Wildcard.any()));
        if (list.isPresent()) {
            if (prefix.isPresent() || wildcardFolder.isPresent() || pattern.isPresent() || file.isPresent()) {
                throw StoreException.user("UserErrorInvalidFilePath", "'" + settings.at("fileListPath").path()
                        + "' names the files, so neither a file name nor a wildcard nor a prefix can");
            }
            return new Where.Listed(folder, inContainer(location, list.get()));
        }
        if (prefix.isPresent()) {
            if (wildcardFolder.isPresent()) {
                throw StoreException.user("UserErrorInvalidFilePath", "'" + settings.at("prefix").path() + "' and wildcardFolderPath exclude each other");
            }
            return new Where.Prefix(prefix.get(), names);
        }
        if (wildcardFolder.isPresent()) {
            return new Where.Folders(StorePath.of(wildcardFolder.get()), names);
        }
        return file.isPresent() && pattern.isEmpty() ? new Where.File(StorePath.join(folder, file.get())) : new Where.Folder(folder, names);
    }

    /// What the settings say, or, of earlier datasets, the place itself.
    private static Located either(Located settings, Located location, String name) {
        return settings.at(name).isPresent() ? settings.at(name) : location.at(name);
    }

    private static Optional<Partitions> partitions(Located location, Located settings, FileSelection selection) {
        if (!settings.at("enablePartitionDiscovery").flag().orElse(false)) {
            return Optional.empty();
        }
        return Optional.of(new Partitions(stated(settings.at("partitionRootPath")).map(root -> inContainer(location, root)).orElseGet(selection::base)));
    }

    /// A path that may begin with the name of the dataset's container, as the service writes it.
    private static String inContainer(Located location, String path) {
        String container = stated(location.at("container")).or(() -> stated(location.at("fileSystem"))).orElse("");
        String inside = StorePath.of(path);
        return container.isEmpty() ? inside : inside.equals(container) ? "" : StorePath.below(container, inside);
    }

    private static Optional<String> stated(Located value) {
        return value.text().filter(text -> !text.isBlank());
    }

    private static Optional<Instant> time(Located value) throws StoreException {
        Optional<String> text = stated(value);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Timestamp.parse(text.get()).map(Timestamp::instant).orElseThrow(() -> StoreException.user("UserErrorInvalidTime",
                "'" + value.path() + "' is a time such as 2018-03-15T13:00:00Z, found '" + text.get() + "'")));
    }
}
