package io.conshelf.engine.external;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.store.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The places that connection strings name: folders of this machine that are allowed, and storage that the engine was given.
final class Places {
    private static final Logger LOG = LoggerFactory.getLogger(Places.class);

    private final AllowedFolders allowed;
    private final ExternalStorage storage;

    Places(AllowedFolders allowed, ExternalStorage storage) {
        this.allowed = allowed;
        this.storage = storage;
    }

    /// A file below a place.
    ///
    /// @param uri     without what opens it
    /// @param path    below the place
    record Found(String uri, String path, long sizeBytes, Instant modified, Content source) {
        /// Gives the file, which is there until the reading ends.
        Supplier<Path> content(Reading reading) {
            return switch (source) {
                case Content.Here(Supplier<Path> file) -> file;
                case Content.Away(Supplier<Path> fetched) -> new Supplier<>() {
                    private Optional<Path> file = Optional.empty();

                    @Override
                    public synchronized Path get() {
                        if (file.isEmpty()) {
                            // DuckDB asks on a thread of its own.
                            Path copy = reading.stop().call(fetched::get);
                            reading.afterwards(() -> deleted(copy));
                            file = Optional.of(copy);
                        }
                        return file.get();
                    }
                };
            };
        }
    }

    /// How to come by a file.
    sealed interface Content {
        /// It lies here, and is looked up anew each time.
        record Here(Supplier<Path> file) implements Content {}

        /// It is fetched each time, for whoever asks to delete it.
        record Away(Supplier<Path> fetched) implements Content {}
    }

    private static void deleted(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.warn("The fetched file '{}' cannot be deleted: {}", copy.getFileName(), e.getMessage());
        }
    }

    /// Shows the files below a place until the visitor has seen enough.
    void list(String connection, Predicate<Found> visitor) {
        if (StorageUri.isUri(connection)) {
            var place = StorageUri.parse(connection);
            Function<Supplier<Path>, Content> content = storage.isFetched(place) ? Content.Away::new : Content.Here::new;
            storage.list(place, item -> visitor.test(new Found(
                    item.uri().toString(), item.path(), item.sizeBytes(), item.modified(), content.apply(() -> storage.content(item.uri())))));
            return;
        }
        Path place = AllowedFolders.path(connection);
        if (Files.isRegularFile(place)) {
            visitor.test(found(place.getParent(), allowed.requireReadable(place)));
        } else if (Files.isDirectory(place)) {
            walk(allowed.requireReadable(place), visitor);
        } else {
            allowed.requireReadable(place);
        }
    }

    /// A connection string as others may see it.
    static String masked(String connection) {
        int secret = connection.indexOf(';');
        int query = connection.indexOf('?');
        if (StorageUri.isUri(connection) && (secret >= 0 || query >= 0)) {
            int end = query >= 0 && (secret < 0 || query < secret) ? query : secret;
            String access = connection.substring(end + 1);
            boolean isIdentity = connection.charAt(end) == ';' && access.matches("(?i)impersonate|managed_identity=[^;]*|prompt");
            return isIdentity ? connection : connection.substring(0, end + 1) + "*******";
        }
        return connection;
    }

    private void walk(Path place, Predicate<Found> visitor) {
        try {
            Files.walkFileTree(place, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (ExternalTables.isPartial(file.getFileName().toString())) {
                        return FileVisitResult.CONTINUE;
                    }
                    boolean isFile = attributes.isRegularFile() || attributes.isSymbolicLink() && Files.isRegularFile(file);
                    return !isFile || visitor.test(found(place, file)) ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("the folder '" + place + "' cannot be listed: " + e.getMessage(), e);
        }
    }

    private Found found(Path place, Path file) throws UncheckedIOException {
        try {
            return new Found(
                    file.toString(), place.relativize(file).toString().replace('\\', '/'), Files.size(file),
                    Files.getLastModifiedTime(file).toInstant(), new Content.Here(() -> allowed.requireReadable(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("the file '" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }
}
