package io.conshelf.connectors.spool;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.ByteRange;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.StoredItem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Files that are fetched once, when they are first looked for. Nothing can be written there. Closing deletes the copies.
public abstract class SpooledFiles implements FileStore, AutoCloseable {
    private final String type;
    private Path folder;
    private List<StoredFile> files;

    protected SpooledFiles(String type) {
        this.type = type;
    }

    /// Brings everything there is, each file by [#keep].
    protected abstract List<StoredFile> fetch() throws StoreException;

    protected final StoredFile keep(String name, InputStream content, Instant modified) throws IOException {
        Path file = folder.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.+", "_"));
        long bytes = Files.copy(content, file);
        Files.setLastModifiedTime(file, FileTime.from(modified));
        return new StoredFile(file.getFileName().toString(), bytes, Files.getLastModifiedTime(file).toInstant());
    }

    protected final Path kept(StoredFile file) {
        return folder.resolve(file.path());
    }

    private synchronized List<StoredFile> fetched() throws StoreException {
        if (files == null) {
            try {
                folder = Files.createTempDirectory("conshelf-fetched-");
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileWriteFailure", "There is no place for temporary files: " + failure.getMessage(), failure);
            }
            try {
                files = fetch();
            } finally {
                if (files == null) {
                    close(); // what came before the failure is not all
                }
            }
        }
        return files;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Optional<StoredItem> look(String path) throws StoreException {
        String name = StorePath.of(path);
        return name.isEmpty() ? Optional.of(new StoredItem.Folder("", Optional.empty(), Optional.empty()))
                : children("").stream().filter(item -> item.path().equals(name)).findFirst();
    }

    @Override
    public List<StoredItem> children(String path) throws StoreException {
        return fetched().stream().<StoredItem>map(file -> new StoredItem.File(file, Optional.empty(), Optional.empty())).toList();
    }

    @Override
    public void each(String path, Depth depth, Found found) throws StoreException {
        for (StoredFile file : fetched()) {
            found.file(file);
        }
    }

    @Override
    public InputStream open(StoredFile file) throws StoreException {
        fetched();
        return new LocalFiles(folder).open(file);
    }

    @Override
    public InputStream open(StoredFile file, ByteRange range) throws StoreException {
        fetched();
        return new LocalFiles(folder).open(file, range);
    }

    @Override
    public PendingFile create(String path) throws StoreException {
        throw readOnly();
    }

    @Override
    public void delete(StoredFile file) throws StoreException {
        throw readOnly();
    }

    @Override
    public long deleteFolder(String path) throws StoreException {
        throw readOnly();
    }

    private StoreException readOnly() {
        return StoreException.user("UserErrorReadOnlyStore", "A store of type " + type + " can only be read");
    }

    @Override
    public synchronized Optional<Path> onDisk(StoredFile file) {
        return folder == null ? Optional.empty() : Optional.of(kept(file));
    }

    @Override
    public synchronized void close() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("The temporary folder " + folder + " cannot be deleted", failure);
        } finally {
            folder = null;
            files = null;
        }
    }
}
