package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection;
import io.conshelf.connectors.file.FileSelection.Where;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.Wildcard;
import io.conshelf.connectors.format.Archive;
import io.conshelf.connectors.format.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Archives of a source, unpacked into a folder of this machine for as long as the copy takes.
///
/// @param archives where they came from
/// @param files    what was in them; each is as old as its archive, so that the same archives give the same files
record ExpandedArchives(FileStore origin, List<StoredFile> archives, Path folder, FileStore store, List<StoredFile> files) implements AutoCloseable {

    /// @param base       the folder that paths are kept relative to
    /// @param keepsNames whether the files of an archive stand in a folder that is called like it
    static ExpandedArchives of(FileStore origin, List<StoredFile> archives, String base, Compression kind, boolean keepsNames)
            throws StoreException, InterruptedException {
        Path folder;
        try {
            folder = Files.createTempDirectory("conshelf-archive-");
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "Archives cannot be unpacked: " + failure.getMessage(), failure);
        }
        boolean isDone = false;
        try {
            List<StoredFile> files = unpack(origin, archives, base, kind, keepsNames, folder);
            isDone = true;
            return new ExpandedArchives(origin, archives, folder, new LocalFiles(folder.resolve("all")), files);
        } catch (IOException | UncheckedIOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "Archives cannot be unpacked: " + failure.getMessage(), failure);
        } finally {
            if (!isDone) {
                delete(folder);
            }
        }
    }

    private static List<StoredFile> unpack(FileStore origin, List<StoredFile> archives, String base, Compression kind, boolean keepsNames, Path folder)
            throws IOException, StoreException, InterruptedException {
        List<StoredFile> files = new ArrayList<>();
        for (int i = 0; i < archives.size(); i++) {
            StoredFile archive = archives.get(i);
            String relative = StorePath.below(base, archive.path());
            String target = StorePath.join(base, keepsNames ? relative : StorePath.parent(relative));
            // One folder an archive: files of the same name in two of them are two files.
            LocalFiles own = new LocalFiles(folder.resolve(String.valueOf(i)));
            try (InputStream packed = origin.open(archive)) {
                Archive.unpack(archive.path(), packed, archive.sizeBytes(), kind, own, target);
            }
            if (Files.isDirectory(folder.resolve(String.valueOf(i)))) {
                own.find(FileSelection.of(new Where.Folder("", Wildcard.any()))).forEach(file ->
                        files.add(new StoredFile(file.path(), file.sizeBytes(), archive.lastModified())));
            }
            merge(folder.resolve(String.valueOf(i)), folder.resolve("all"));
        }
        return List.copyOf(files);
    }

    private static void merge(Path from, Path to) throws IOException, StoreException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.exists(target)) {
                    throw StoreException.user("UserErrorInvalidArchive", "Two archives hold a file '" + from.relativize(file)
                            + "'; keep their names as folders");
                }
                Files.createDirectories(target.getParent());
                Files.move(file, target);
            }
        }
    }

    @Override
    public void close() throws StoreException {
        delete(folder);
    }

    private static void delete(Path folder) throws StoreException {
        try (Stream<Path> left = Files.walk(folder)) {
            for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "Unpacked archives cannot be deleted: " + failure.getMessage(), failure);
        }
    }
}
