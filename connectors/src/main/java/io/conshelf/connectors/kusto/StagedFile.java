package io.conshelf.connectors.kusto;

import io.conshelf.connectors.StoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A file of this machine on its way into a cluster, in the form that the client uploads as it is. Closed, it is gone.
public final class StagedFile implements AutoCloseable {
    private static final String PREFIX = "conshelf-copy-";
    private static final int BUFFER_BYTES = 1 << 18;
    private static final Pattern FOLDER = Pattern.compile(Pattern.quote(PREFIX) + "(\\d{1,18})(-\\d+)?");
    private static final AtomicLong NUMBER = new AtomicLong();

    private static Optional<Path> own = Optional.empty();

    private final Path path;
    private final OutputStream stream;

    private StagedFile(Path path, OutputStream stream) {
        this.path = path;
        this.stream = stream;
    }

    /// @param extension of the format, such as `.csv`
    static StagedFile create(KustoEndpoint endpoint, String extension) throws StoreException {
        try {
            Path folder = folder();
            // The client packs text that does not call itself packed: over a network that pays, on one machine it is most of the time of a copy.
            boolean isWrapped = endpoint.isLoopback() && !extension.equals(".parquet") && !extension.equals(".avro");
            Path path = folder.resolve(NUMBER.incrementAndGet() + extension + (isWrapped ? ".gz" : ""));
            OutputStream file = Files.newOutputStream(path);
            return new StagedFile(path, new BufferedOutputStream(isWrapped ? StoredGzip.wrap(file) : file, BUFFER_BYTES));
        } catch (IOException | UncheckedIOException failure) {
            throw unwritable(failure);
        }
    }

    // Only this user can read it, and nobody can have made it before. Who is killed leaves his files behind; the next one clears them away.
    private static synchronized Path folder() throws IOException {
        if (own.filter(Files::isDirectory).isEmpty()) {
            Path made = Files.createTempDirectory(PREFIX + ProcessHandle.current().pid() + "-");
            made.toFile().deleteOnExit();
            own = Optional.of(made);
            UserPrincipal user = Files.getOwner(made);
            try (Stream<Path> others = Files.list(made.getParent())) {
                for (Path other : others.filter(StagedFile::isAbandoned).toList()) {
                    delete(other, user);
                }
            }
        }
        return own.orElseThrow();
    }

    private static boolean isAbandoned(Path folder) {
        Matcher name = FOLDER.matcher(folder.getFileName().toString());
        return name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
    }

    private static void delete(Path folder, UserPrincipal user) throws IOException {
        // What is another user's, or a link of his to a folder of ours, stays.
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || !Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(user)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    /// Takes the content.
    public OutputStream stream() {
        return stream;
    }

    /// The finished file.
    Path finish() throws StoreException {
        try {
            stream.close();
            return path;
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(Exception failure) {
        return StoreException.system("UserErrorFileWriteFailure", "Data cannot be staged: " + failure.getMessage(), failure);
    }

    @Override
    public void close() throws StoreException {
        try {
            try {
                stream.close();
            } finally {
                Files.deleteIfExists(path);
            }
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }
}
