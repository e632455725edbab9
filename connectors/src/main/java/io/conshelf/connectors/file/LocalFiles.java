package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Depth;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A folder of this machine. Nothing outside it can be named, by `..` or by a link.
public final class LocalFiles implements FileStore {
    private final Path root;

    public LocalFiles(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public String type() {
        return "FileServer";
    }

    @Override
    public Optional<StoredItem> look(String path) throws StoreException {
        Path resolved = resolve(path);
        try {
            return Files.exists(resolved) ? Optional.of(item(resolved)) : Optional.empty();
        } catch (UncheckedIOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The path '" + resolved + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    @Override
    public List<StoredItem> children(String folder) throws StoreException {
        Path start = resolve(folder);
        if (!Files.isDirectory(start)) {
            throw FileStore.missing("folder", start.toString());
        }
        try (Stream<Path> paths = Files.list(start)) {
            return paths.filter(Files::exists).map(this::item).sorted(Comparator.comparing(StoredItem::path)).toList();
        } catch (IOException | UncheckedIOException failure) {
            throw unlistable(start, failure);
        }
    }

    @Override
    public List<StoredFile> files(String folder, Depth depth) throws StoreException {
        Path start = resolve(folder);
        if (!Files.isDirectory(start)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(start, depth == Depth.WITH_SUBFOLDERS ? Integer.MAX_VALUE : 1)) {
            return files.filter(Files::isRegularFile).map(this::describe).toList();
        } catch (IOException | UncheckedIOException failure) {
            throw unlistable(start, failure);
        }
    }

    private static StoreException unlistable(Path folder, Exception failure) {
        return StoreException.system("UserErrorFileReadFailure", "The folder '" + folder + "' cannot be listed: " + failure.getMessage(), failure);
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
    public InputStream open(StoredFile file, ByteRange range) throws StoreException {
        Path path = resolve(file.path());
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            try {
                channel.position(range.from());
            } catch (IOException failure) {
                channel.close();
                throw failure;
            }
            return new LimitedStream(Channels.newInputStream(channel), range.length());
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
                try {
                    stream.close();
                } finally {
                    Files.deleteIfExists(partial);
                }
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
    public long deleteFolder(String folder) throws StoreException {
        Path start = resolve(folder);
        if (!Files.isDirectory(start)) {
            return 0;
        }
        long files = 0;
        // Links are deleted, not followed.
        try (Stream<Path> paths = Files.walk(start)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                files += Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? 0 : 1;
                if (!path.equals(root)) {
                    Files.deleteIfExists(path);
                }
            }
            return files;
        } catch (IOException | UncheckedIOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "The folder '" + start + "' cannot be deleted: " + failure.getMessage(), failure);
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
            return new StoredFile(relative(path), attributes.size(), attributes.lastModifiedTime().toInstant());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private StoredItem item(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            Optional<Instant> created = Optional.of(attributes.creationTime().toInstant());
            return attributes.isDirectory() ? new StoredItem.Folder(relative(path), created, Optional.of(attributes.lastModifiedTime().toInstant()))
                    : new StoredItem.File(describe(path), created, Optional.empty());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String relative(Path path) {
        return root.relativize(path).toString().replace('\\', '/');
    }

    private static StoreException missing(String kind, Path path) {
        return FileStore.missing(kind, path.toString());
    }
}
