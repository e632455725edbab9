package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder of this machine. Nothing outside it can be named, by `..` or by a link.
public final class LocalFiles implements FileStore {
    private final Path root;

    public LocalFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public List<StoredFile> find(FileSelection selection) throws StoreException {
        String fixedFolder = selection.isFolderWildcard() ? "" : selection.folder();
        Path start = resolve(fixedFolder);
        if (selection.isOneFile()) {
            Path file = resolve(join(selection.folder(), selection.file().orElseThrow()));
            if (!Files.isRegularFile(file)) {
                throw missing("file", file);
            }
            return List.of(describe(file));
        }
        if (!Files.isDirectory(start)) {
            throw missing("folder", start);
        }
        Predicate<String> folder = selection.isFolderWildcard() ? matches(selection.folder()) : _ -> true;
        Predicate<String> name = selection.file().map(file -> selection.isFileWildcard() ? matches(file) : (Predicate<String>) file::equals)
                .orElse(_ -> true);
        boolean isDeep = selection.isRecursive() || selection.isFolderWildcard();
        try (Stream<Path> files = Files.walk(start, isDeep ? Integer.MAX_VALUE : 1)) {
            return files.filter(Files::isRegularFile).map(this::describe)
                    .filter(file -> name.test(file.name()) && folder.test(folderOf(file)))
                    .filter(file -> selection.modifiedFrom().map(from -> !file.lastModified().isBefore(from)).orElse(true))
                    .filter(file -> selection.modifiedTo().map(to -> file.lastModified().isBefore(to)).orElse(true))
                    .sorted(Comparator.comparing(StoredFile::path)).toList();
        } catch (IOException | UncheckedIOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The folder '" + start + "' cannot be listed: " + failure.getMessage(), failure);
        }
    }

    @Override
    public InputStream open(StoredFile file) throws StoreException {
        Path path = resolve(file.path());
        try {
            return Files.newInputStream(path);
        } catch (NoSuchFileException gone) {
            throw missing("file", path);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The file '" + path + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    @Override
    public PendingFile create(String file) throws StoreException {
        Path target = resolve(file);
        try {
            Files.createDirectories(target.getParent());
            Path partial = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".part");
            return new LocalPendingFile(partial, target, new BufferedOutputStream(Files.newOutputStream(partial), 1 << 16));
        } catch (IOException failure) {
            throw unwritable(target, failure);
        }
    }

    private final class LocalPendingFile implements PendingFile {
        private final Path partial;
        private final Path target;
        private final OutputStream stream;

        private LocalPendingFile(Path partial, Path target, OutputStream stream) {
            this.partial = partial;
            this.target = target;
            this.stream = stream;
        }

        @Override
        public OutputStream stream() {
            return stream;
        }

        @Override
        public StoredFile commit() throws StoreException {
            try {
                stream.close();
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
                return describe(target);
            } catch (IOException failure) {
                throw unwritable(target, failure);
            }
        }

        @Override
        public void close() throws StoreException {
            try {
                stream.close();
                Files.deleteIfExists(partial);
            } catch (IOException failure) {
                throw unwritable(target, failure);
            }
        }
    }

    private static StoreException unwritable(Path target, IOException failure) {
        return StoreException.system("UserErrorFileWriteFailure", "The file '" + target + "' cannot be written: " + failure.getMessage(), failure);
    }

    @Override
    public void delete(StoredFile file) throws StoreException {
        Path path = resolve(file.path());
        try {
            Files.deleteIfExists(path);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "The file '" + path + "' cannot be deleted: " + failure.getMessage(), failure);
        }
    }

    @Override
    public Optional<Path> onDisk(StoredFile file) {
        try {
            return Optional.of(resolve(file.path()));
        } catch (StoreException outside) {
            return Optional.empty(); // whoever opens it is told why
        }
    }

    private Path resolve(String path) throws StoreException {
        try {
            Path resolved = root.resolve(path.replace('\\', '/').replaceFirst("^/+", "")).normalize();
            if (!resolved.startsWith(root) || Files.exists(root) && !nearestExisting(resolved).toRealPath().startsWith(root.toRealPath())) {
                throw StoreException.user("UserErrorInvalidFilePath", "The path '" + path + "' leaves the store's folder '" + root + "'");
            }
            return resolved;
        } catch (InvalidPathException invalid) {
            throw StoreException.user("UserErrorInvalidFilePath", "'" + path + "' is not a path: " + invalid.getReason());
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The path '" + path + "' cannot be resolved: " + failure.getMessage(), failure);
        }
    }

    /// The path itself, or the innermost folder of it that is there: a link on the way may lead outside.
    private static Path nearestExisting(Path path) {
        Path existing = path;
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing;
    }

    private StoredFile describe(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return new StoredFile(root.relativize(path).toString().replace('\\', '/'), attributes.size(), attributes.lastModifiedTime().toInstant());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static StoreException missing(String kind, Path path) {
        return StoreException.user("UserErrorFileNotFound", "The " + kind + " '" + path + "' does not exist");
    }

    private static String folderOf(StoredFile file) {
        int slash = file.path().lastIndexOf('/');
        return slash < 0 ? "" : file.path().substring(0, slash);
    }

    /// A path of a folder and a name, either of which may be empty.
    public static String join(String folder, String name) {
        String trimmed = folder.replace('\\', '/').replaceAll("/+$", "");
        return trimmed.isEmpty() ? name : name.isEmpty() ? trimmed : trimmed + "/" + name;
    }

    private static Predicate<String> matches(String wildcard) {
        StringBuilder pattern = new StringBuilder();
        String text = wildcard.replace('\\', '/').replaceAll("^/+|/+$", "");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '*' -> pattern.append("[^/]*");
                case '?' -> pattern.append("[^/]?");
                case '^' -> pattern.append(i + 1 < text.length() ? Pattern.quote(String.valueOf(text.charAt(++i))) : "\\^");
                default -> pattern.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(pattern.toString()).asMatchPredicate();
    }
}
