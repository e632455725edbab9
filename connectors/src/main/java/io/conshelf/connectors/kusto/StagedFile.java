package io.conshelf.connectors.kusto;

import io.conshelf.connectors.StoreException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// A file of this machine on its way into a cluster, in the form that the client uploads as it is. Closed, it is gone.
public final class StagedFile implements AutoCloseable {
    private static final String PREFIX = "conshelf-copy-";
    private static final int BUFFER_BYTES = 1 << 18;
    private static final AtomicLong NUMBER = new AtomicLong();

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

    // Who is killed leaves his files behind; the next one clears them away.
    private static synchronized Path folder() throws IOException {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        Path own = temporary.resolve(PREFIX + ProcessHandle.current().pid());
        if (!Files.isDirectory(own)) {
            try (Stream<Path> others = Files.list(temporary)) {
                for (Path other : others.filter(StagedFile::isAbandoned).toList()) {
                    delete(other);
                }
            }
            Files.createDirectories(own);
            own.toFile().deleteOnExit();
        }
        return own;
    }

    private static boolean isAbandoned(Path folder) {
        String number = folder.getFileName().toString();
        return number.startsWith(PREFIX) && number.substring(PREFIX.length()).matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(number.substring(PREFIX.length()))).isEmpty();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isWritable(folder)) {
            return; // another user's
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
