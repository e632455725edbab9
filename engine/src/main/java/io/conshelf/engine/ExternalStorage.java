package io.conshelf.engine;

import java.nio.file.Path;
import java.time.Instant;

/// Storage that commands name by URI. Whoever opens an engine says what there is; the engine itself reaches no network and
/// no other files than its own.
public interface ExternalStorage {
    /// An engine without storage beside it.
    ExternalStorage NONE = new ExternalStorage() {
        @Override
        public boolean isOurs(StorageUri uri) {
            return false;
        }

        @Override
        public Path content(StorageUri blob) {
            throw new KustoException(notOurs(blob));
        }

        @Override
        public void list(StorageUri place, Visitor visitor) {
            throw new KustoException(notOurs(place));
        }

        @Override
        public void checkWritable(StorageUri container) {
            throw new KustoException(notOurs(container));
        }

        @Override
        public String put(StorageUri container, String name, Path content) {
            throw new KustoException(notOurs(container));
        }
    };

    /// Whether a URI leads to this storage, opened or not.
    boolean isOurs(StorageUri uri);

    /// Whether [#content] of a URI is a copy made for its caller, who deletes it.
    default boolean isFetched(StorageUri uri) {
        return false;
    }

    /// The file with a blob's content, in the engine's staging folder. Unless it [#isFetched] it's the storage's own and is only
    /// read.
    ///
    /// @throws KustoException when there is none that the URI opens
    Path content(StorageUri blob);

    /// As [#content], where a copy of more than so many bytes is not made but refused with the code `BadRequest_FileTooLarge`.
    default Path content(StorageUri blob, long bytesMax) {
        return content(blob);
    }

    /// A blob that [#list] shows.
    ///
    /// @param uri  with what opens it
    /// @param path below the place that was asked for: `2026/03/a.csv`
    record Item(StorageUri uri, String path, long sizeBytes, Instant modified) {}

    /// Looks at blobs one after the other.
    @FunctionalInterface
    interface Visitor {
        /// @return whether to go on
        boolean visit(Item item);
    }

    /// Shows the blobs of a container, or below a folder in one, in the order of their names; or the one blob that is named.
    ///
    /// @throws KustoException when the URI opens none of these
    void list(StorageUri place, Visitor visitor);

    /// @throws KustoException when nothing could be put there
    void checkWritable(StorageUri container);

    /// Puts a file's content as a blob below a container, or below a folder in one.
    ///
    /// @return the blob's URI without what opens it
    String put(StorageUri container, String name, Path content);

    /// The error for a URI that leads away from this machine.
    static ServiceError notOurs(StorageUri uri) {
        return Errors.storage("BadRequest_InvalidBlobUri", "'" + uri + "' is not storage of this server, and nothing else is"
                + " reached that is not named: upload to its Blob endpoint, list the host under 'live' in the configuration, or name a"
                + " file in a folder under 'allowedFolders'");
    }
}
