package io.conshelf.connectors.file;

import java.time.Instant;
import java.util.Optional;

/// A file or folder, with all that its store tells of it.
public sealed interface StoredItem {
    String path();

    Optional<Instant> created();

    Optional<Instant> lastModified();

    default String name() {
        return StorePath.name(path());
    }

    /// @param contentMd5 as the store keeps it, in Base64; few do
    record File(StoredFile file, Optional<Instant> created, Optional<String> contentMd5) implements StoredItem {
        @Override
        public String path() {
            return file.path();
        }

        @Override
        public Optional<Instant> lastModified() {
            return Optional.of(file.lastModified());
        }
    }

    record Folder(String path, Optional<Instant> created, Optional<Instant> lastModified) implements StoredItem {}
}
