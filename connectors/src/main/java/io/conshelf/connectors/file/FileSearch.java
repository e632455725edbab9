package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Absent;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What every store does alike to find the files of a selection.
final class FileSearch {
    private FileSearch() {}

    static List<StoredFile> find(FileStore store, FileSelection selection) throws StoreException {
        Predicate<StoredFile> inTime = file -> selection.modified().holds(file.lastModified());
        List<StoredFile> found = switch (selection.where()) {
            case Where.File(String path) -> Stream.of(file(store, path)).filter(inTime).toList();
            case Where.Folder(String folder, Wildcard names) -> inFolder(store, StorePath.of(folder), inTime.and(file -> names.matches(file.name())),
                    selection.depth());
            case Where.Folders(String pattern, Wildcard names) -> inFolders(store, StorePath.of(pattern), inTime.and(file -> names.matches(file.name())),
                    selection.depth());
            case Where.Prefix(String prefix, Wildcard names) -> {
                FoundFiles files = new FoundFiles(inTime.and(file -> names.matches(file.name())));
                store.eachWithPrefix(prefix, files);
                yield files.all();
            }
            case Where.Listed listed -> listed(store, listed, inTime);
        };
        return found.stream().sorted(Comparator.comparing(StoredFile::path)).toList();
    }

    private static StoredFile file(FileStore store, String path) throws StoreException {
        if (store.look(path).orElse(null) instanceof StoredItem.File(StoredFile file, _, _)) {
            return file;
        }
        throw FileStore.missing("file", path);
    }

    private static List<StoredFile> inFolder(FileStore store, String folder, Predicate<StoredFile> isMeant, Depth depth) throws StoreException {
        FoundFiles files = new FoundFiles(isMeant);
        store.each(folder, depth, files);
        if (!files.hasSeenAny() && !(store.look(folder).orElse(null) instanceof StoredItem.Folder)) {
            throw FileStore.missing("folder", folder);
        }
        return files.all();
    }

    private static List<StoredFile> inFolders(FileStore store, String pattern, Predicate<StoredFile> isMeant, Depth depth) throws StoreException {
        Wildcard folders = Wildcard.of(pattern);
        int levels = pattern.isEmpty() ? 0 : pattern.split("/").length;
        FoundFiles files = new FoundFiles(isMeant.and(file -> {
            String folder = StorePath.parent(file.path());
            Optional<String> matched = depth == Depth.WITH_SUBFOLDERS ? first(folder, levels) : Optional.of(folder);
            return matched.filter(folders::matches).isPresent();
        }));
        store.each(Wildcard.fixedFolders(pattern), Depth.WITH_SUBFOLDERS, files);
        return files.all();
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

    private static List<StoredFile> listed(FileStore store, Where.Listed listed, Predicate<StoredFile> isMeant) throws StoreException {
        String folder = StorePath.of(listed.folder());
        String list = listed.list();
        FoundFiles files = new FoundFiles(isMeant);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(store.open(file(store, list)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String path = line.replace("\uFEFF", "").strip();
                if (!path.isEmpty()) {
                    String full = StorePath.join(folder, StorePath.of(path));
                    if (listed.absent() == Absent.IS_KEPT && store.look(full).isEmpty()) {
                        files.add(new StoredFile(full, 0, Instant.EPOCH));
                    } else {
                        files.file(file(store, full));
                    }
                }
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The list of files '" + list + "' cannot be read: " + failure.getMessage(), failure);
        }
        return files.all();
    }
}
