package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What every store does alike to find the files of a selection.
final class FileSearch {
    private FileSearch() {}

    static List<StoredFile> find(FileStore store, FileSelection selection) throws StoreException {
        List<StoredFile> found = switch (selection.where()) {
            case Where.File(String path) -> List.of(file(store, path));
            case Where.Folder(String folder, Wildcard names) -> inFolder(store, StorePath.of(folder), names, selection.depth());
            case Where.Folders(String pattern, Wildcard names) -> inFolders(store, StorePath.of(pattern), names, selection.depth());
            case Where.Prefix(String prefix, Wildcard names) ->
                    store.filesWithPrefix(prefix).stream().filter(file -> names.matches(file.name())).toList();
            case Where.Listed(String folder, String list) -> listed(store, StorePath.of(folder), list);
        };
        return found.stream().filter(file -> selection.modified().holds(file.lastModified())).sorted(Comparator.comparing(StoredFile::path)).toList();
    }

    private static StoredFile file(FileStore store, String path) throws StoreException {
        if (store.look(path).orElse(null) instanceof StoredItem.File(StoredFile file, _, _)) {
            return file;
        }
        throw FileStore.missing("file", path);
    }

    private static List<StoredFile> inFolder(FileStore store, String folder, Wildcard names, Depth depth) throws StoreException {
        List<StoredFile> files = store.files(folder, depth);
        if (files.isEmpty() && !(store.look(folder).orElse(null) instanceof StoredItem.Folder)) {
            throw FileStore.missing("folder", folder);
        }
        return files.stream().filter(file -> names.matches(file.name())).toList();
    }

    private static List<StoredFile> inFolders(FileStore store, String pattern, Wildcard names, Depth depth) throws StoreException {
        Wildcard folders = Wildcard.of(pattern);
        int levels = pattern.isEmpty() ? 0 : pattern.split("/").length;
        return store.files(Wildcard.fixedFolders(pattern), Depth.WITH_SUBFOLDERS).stream().filter(file -> {
            String folder = StorePath.parent(file.path());
            Optional<String> matched = depth == Depth.WITH_SUBFOLDERS ? first(folder, levels) : Optional.of(folder);
            return matched.filter(folders::matches).isPresent() && names.matches(file.name());
        }).toList();
    }

    /// The first levels of a folder's path; empty when it has fewer.
    private static Optional<String> first(String folder, int levels) {
        if (levels == 0) {
            return Optional.of("");
        }
        int end = -1;
        for (int i = 0; i < levels; i++) {
            int slash = folder.indexOf('/', end + 1);
            if (slash < 0) {
                return i == levels - 1 && !folder.isEmpty() ? Optional.of(folder) : Optional.empty();
            }
            end = slash;
        }
        return Optional.of(folder.substring(0, end));
    }

    private static List<StoredFile> listed(FileStore store, String folder, String list) throws StoreException {
        List<StoredFile> files = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(store.open(file(store, list)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String path = line.replace("\uFEFF", "").strip();
                if (!path.isEmpty()) {
                    files.add(file(store, StorePath.join(folder, StorePath.of(path))));
                }
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The list of files '" + list + "' cannot be read: " + failure.getMessage(), failure);
        }
        return files;
    }
}
