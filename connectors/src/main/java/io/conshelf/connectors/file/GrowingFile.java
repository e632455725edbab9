package io.conshelf.connectors.file;

import io.conshelf.connectors.StoreException;
import java.io.OutputStream;

/// A file that others see grow. What was shown stays, whatever happens to whoever writes.
public interface GrowingFile extends AutoCloseable {
    OutputStream stream();

    /// Makes what was written so far last, and visible.
    ///
    /// @throws StoreException                where nothing is lost, and it may be tried again
    /// @throws java.io.UncheckedIOException where what was written since it was shown last may be lost in part
    void show() throws StoreException;

    /// Whether the store lets it grow no further.
    boolean isFull();

    /// Leaves it as it was shown last.
    @Override
    void close();

    /// A store that has such files.
    interface Store {
        /// Starts a file, which is there when it is first shown. A folder goes on with one that is there; a container puts it in place of one.
        GrowingFile grow(String path) throws StoreException;
    }
}
