package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Depth;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder of this machine. Nothing outside it can be named, by `..` or by a link.
public final class LocalFiles implements FileStore, GrowingFile.Store {
    private static final String PARTIAL_BEGIN = ".conshelf-";
    private static final String PARTIAL_END = ".part";
    /// Between the making of a file and its lock.
    private static final Duration PARTIAL_AGE_MIN = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(LocalFiles.class);

    private final Path root;
    /// Folders that have been looked through for files of processes that are no more.
    private final Set<Path> cleared = ConcurrentHashMap.newKeySet();

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
        List<StoredItem> items = new ArrayList<>();
        try (Stream<Path> paths = Files.list(start)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::exists).filter(LocalFiles::isWhole)::iterator) {
                FileStore.requireRoom(items.size());
                items.add(item(path));
            }
        } catch (IOException | UncheckedIOException failure) {
            throw unlistable(start, failure);
        }
        items.sort(Comparator.comparing(StoredItem::path));
        return items;
    }

    @Override
    public void each(String folder, Depth depth, Found found) throws StoreException {
        Path start = resolve(folder);
        if (!Files.isDirectory(start)) {
            return;
        }
        try (Stream<Path> files = Files.walk(start, depth == Depth.WITH_SUBFOLDERS ? Integer.MAX_VALUE : 1)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).filter(LocalFiles::isWhole)::iterator) {
                found.file(describe(file));
            }
        } catch (IOException | UncheckedIOException failure) {
            throw unlistable(start, failure);
        }
    }

    /// A file that is being written, or that a process left which was killed, is none yet.
    private static boolean isWhole(Path path) {
        String name = path.getFileName() == null ? "" : path.getFileName().toString();
        return !(name.startsWith(PARTIAL_BEGIN) && name.endsWith(PARTIAL_END));
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
            Path lasting = target.getParent();
            while (!Files.exists(lasting)) {
                lasting = lasting.getParent();
            }
            Files.createDirectories(target.getParent());
            clear(target.getParent());
            return new LocalPendingFile(Files.createTempFile(target.getParent(), PARTIAL_BEGIN, PARTIAL_END), target, lasting);
        } catch (IOException failure) {
            throw unwritable(target, failure);
        }
    }

    /// Deletes what processes left in a folder that were killed while they wrote there: whoever writes holds a lock.
    private void clear(Path folder) throws IOException {
        if (!cleared.add(folder)) {
            return;
        }
        Instant longAgo = Instant.now().minus(PARTIAL_AGE_MIN);
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path partial : (Iterable<Path>) paths.filter(path -> !isWhole(path) && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))::iterator) {
                if (Files.getLastModifiedTime(partial).toInstant().isBefore(longAgo) && isAbandoned(partial)) {
                    Files.deleteIfExists(partial);
                }
            }
        } catch (IOException | UncheckedIOException unreadable) {
            // Who may write to a folder need not be able to read it; the rest is for a later run.
            LOG.debug("The folder '{}' could not be cleared of unfinished files", folder, unreadable);
        }
    }

    private static boolean isAbandoned(Path partial) throws IOException {
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ownWriter) {
            return false;
        }
    }

    @Override
    public GrowingFile grow(String file) throws StoreException {
        Path target = resolve(file);
        try {
            Files.createDirectories(target.getParent());
            return new LocalGrowingFile(target, FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        } catch (IOException failure) {
            throw unwritable(target, failure);
        }
    }

    private final class LocalGrowingFile implements GrowingFile {
        private final Path target;
        private final FileChannel channel;
        private final BufferedOutputStream stream;

        private LocalGrowingFile(Path target, FileChannel channel) {
            this.target = target;
            this.channel = channel;
            this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        }

        @Override
        public OutputStream stream() {
            return stream;
        }

        @Override
        public void show() throws StoreException {
            try {
                stream.flush();
                channel.force(true);
            } catch (IOException failure) {
                // Bytes may be there in part, and what a disk could not keep it does not tell twice.
                throw new UncheckedIOException("The file '" + target + "' cannot be written: " + failure.getMessage(), failure);
            }
        }

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException gone) {
                // What was shown is on disk.
            }
        }
    }

    private final class LocalPendingFile implements PendingFile {
        private final Path partial;
        private final Path target;
        private final Path lasting;
        private final FileChannel channel;
        private final OutputStream stream;

        /// @param lasting the folder on the way to it that was there before
        private LocalPendingFile(Path partial, Path target, Path lasting) throws IOException {
            this.partial = partial;
            this.target = target;
            this.lasting = lasting;
            this.channel = FileChannel.open(partial, StandardOpenOption.WRITE);
            lock();
            // Whoever writes may close it; the file, and with it the lock, stays open until its end is known.
            this.stream = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16) {
                @Override
                public void close() throws IOException {
                    flush();
                }
            };
        }

        /// Goes with the process, however that ends.
        private void lock() {
            try {
                channel.lock();
            } catch (IOException unsupported) {
                LOG.debug("'{}' is written without a lock: its file system has none", target, unsupported);
            }
        }

        @Override
        public OutputStream stream() {
            return stream;
        }

        /// What is committed is on disk: its bytes, its name, and the names of the folders that were made for it.
        @Override
        public StoredFile commit() throws StoreException {
            try {
                stream.flush();
                channel.force(true);
                channel.close();
                Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
                for (Path folder = target.getParent(); folder.startsWith(lasting); folder = folder.getParent()) {
                    force(folder);
                    if (folder.equals(lasting)) {
                        break;
                    }
                }
                return describe(target);
            } catch (IOException failure) {
                throw unwritable(target, failure);
            }
        }

        @Override
        public void close() throws StoreException {
            try {
                try {
                    channel.close();
                } finally {
                    Files.deleteIfExists(partial);
                }
            } catch (IOException failure) {
                throw unwritable(target, failure);
            }
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (AccessDeniedException unreadable) {
            // Who may write to a folder need not be able to read it, and Windows opens none.
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
        AtomicLong files = new AtomicLong();
        try {
            // Links are deleted, not followed.
            Files.walkFileTree(start, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    files.incrementAndGet();
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    if (!visited.equals(root)) {
                        Files.deleteIfExists(visited);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
            return files.get();
        } catch (IOException failure) {
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
            if (!resolved.startsWith(root) || Files.exists(root) && !FolderAccess.encloses(root, resolved)) {
                throw StoreException.user("UserErrorInvalidFilePath", "The path '" + path + "' leaves the store's folder '" + root + "'");
            }
            return resolved;
        } catch (InvalidPathException invalid) {
            throw StoreException.user("UserErrorInvalidFilePath", "'" + path + "' is not a path: " + invalid.getReason());
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "The path '" + path + "' cannot be resolved: " + failure.getMessage(), failure);
        }
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
