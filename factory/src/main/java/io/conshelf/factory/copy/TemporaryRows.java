package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/// Rows of a file that goes when they have been read.
record TemporaryRows(RowReader rows, Path file) implements RowReader {
    @FunctionalInterface
    interface Opener<T> {
        T open(Path file) throws StoreException;
    }

    /// Puts a stream into a file of this machine and reads that.
    static RowReader of(String extension, InputStream stream, Opener<RowReader> opener) throws StoreException {
        return opened(extension, stream, file -> new TemporaryRows(opener.open(file), file));
    }

    /// What is to be known of a file that is put onto this machine for as long.
    static <T> T in(String extension, InputStream stream, Opener<T> reading) throws StoreException {
        return opened(extension, stream, file -> {
            T known = reading.open(file);
            delete(file);
            return known;
        });
    }

    /// The file is the opener's, unless it fails.
    private static <T> T opened(String extension, InputStream stream, Opener<T> opener) throws StoreException {
        try (InputStream bytes = stream) {
            Path file = Files.createTempFile("conshelf-", extension);
            try {
                Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
                return opener.open(file);
            } catch (IOException | StoreException failure) {
                Files.deleteIfExists(file);
                throw failure;
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "A file cannot be fetched: " + failure.getMessage(), failure);
        }
    }

    @Override
    public List<Column> columns() {
        return rows.columns();
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        return rows.next();
    }

    @Override
    public void close() throws StoreException {
        rows.close();
        delete(file);
    }

    private static void delete(Path file) throws StoreException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "'" + file + "' cannot be deleted: " + failure.getMessage(), failure);
        }
    }
}
