package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Depth;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A place that holds files in folders. Paths use `/` and are relative to the store's root.
public interface FileStore {
    /// What one listing may bring: each takes some hundred bytes of memory for as long as the copy runs.
    int ITEMS_MAX = 1_000_000;

    /// What a store is called in messages and outputs: the type of its linked service.
    String type();

    /// The files a selection names, by path. Empty when a wildcard finds nothing; a file or folder named outright must exist.
    default List<StoredFile> find(FileSelection selection) throws StoreException {
        return FileSearch.find(this, selection);
    }

    /// The file or folder at a path; empty when nothing is there. "" is the root.
    Optional<StoredItem> look(String path) throws StoreException;

    /// What stands in a folder, by name.
    List<StoredItem> children(String folder) throws StoreException;

    /// Tells the files of a folder one after another, in no order; none when it is not there.
    void each(String folder, Depth depth, Found found) throws StoreException;

    /// Tells the files whose paths begin with a text, in no order.
    default void eachWithPrefix(String prefix, Found found) throws StoreException {
        each(StorePath.parent(prefix), Depth.WITH_SUBFOLDERS, file -> {
            if (file.path().startsWith(prefix)) {
                found.file(file);
            }
        });
    }

    /// The files of a folder, in no order; none when it is not there.
    default List<StoredFile> files(String folder, Depth depth) throws StoreException {
        FoundFiles files = new FoundFiles(_ -> true);
        each(folder, depth, files);
        return files.all();
    }

    @FunctionalInterface
    interface Found {
        void file(StoredFile file) throws StoreException;
    }

    InputStream open(StoredFile file) throws StoreException;

    InputStream open(StoredFile file, ByteRange range) throws StoreException;

    /// Starts a file, making its folders. It appears, in place of an older one, when it is committed.
    PendingFile create(String path) throws StoreException;

    /// Starts a copy of a file, for stores that keep something of the original.
    default PendingFile create(String path, StoredFile original) throws StoreException {
        return create(path);
    }

    /// Whether files here have attributes.
    default boolean keepsAttributes() {
        return false;
    }

    /// Only where the store keeps some.
    default FileAttributes attributes(StoredFile file) throws StoreException {
        throw new UnsupportedOperationException("files of " + type() + " have no attributes");
    }

    /// Starts a copy of a file that has its attributes too. Only where the store keeps some.
    default PendingFile create(String path, StoredFile original, FileAttributes attributes) throws StoreException {
        throw new UnsupportedOperationException("files of " + type() + " have no attributes");
    }

    /// A file that is being written. Closed without a commit, it leaves nothing behind.
    interface PendingFile extends AutoCloseable {
        OutputStream stream();

        StoredFile commit() throws StoreException;

        @Override
        void close() throws StoreException;
    }

    /// Deletes a file; one that is gone already is no mistake.
    void delete(StoredFile file) throws StoreException;

    /// Deletes a folder and all in it, and returns how many files there were. The root itself stays.
    long deleteFolder(String folder) throws StoreException;

    /// Where the file lies on this machine, if it does: then it can be handed over without being read.
    Optional<Path> onDisk(StoredFile file);

    /// @param held so many files or folders of a listing are
    static void requireRoom(int held) throws StoreException {
        if (held >= ITEMS_MAX) {
            throw StoreException.user("UserErrorTooManyFiles", "More than " + ITEMS_MAX
                    + " files or folders are meant at once; name a folder further down, or choose by wildcards, a prefix or times of modification");
        }
    }

    static StoreException missing(String kind, String path) {
        return StoreException.user("UserErrorFileNotFound", "The " + kind + " '" + path + "' does not exist");
    }
}
