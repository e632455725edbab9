package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A place that holds files in folders. Paths use `/` and are relative to the store's root.
public interface FileStore {
    /// The files a selection names, by path. Empty when a wildcard finds nothing; a file named outright must exist.
    List<StoredFile> find(FileSelection selection) throws StoreException;

    InputStream open(StoredFile file) throws StoreException;

    /// Starts a file, making its folders. It appears, in place of an older one, when it is committed.
    PendingFile create(String path) throws StoreException;

    /// A file that is being written. Closed without a commit, it leaves nothing behind.
    interface PendingFile extends AutoCloseable {
        OutputStream stream();

        StoredFile commit() throws StoreException;

        @Override
        void close() throws StoreException;
    }

    void delete(StoredFile file) throws StoreException;

    /// Where the file lies on this machine, if it does: then it can be handed over without being read.
    Optional<Path> onDisk(StoredFile file);
}
