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
    interface Opener {
        RowReader open(Path file) throws StoreException;
    }

    /// Puts a stream into a file of this machine and reads that.
    static RowReader of(String extension, InputStream stream, Opener opener) throws StoreException {
        try (InputStream bytes = stream) {
            Path file = Files.createTempFile("conshelf-", extension);
            try {
                Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
                return new TemporaryRows(opener.open(file), file);
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
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "'" + file + "' cannot be deleted: " + failure.getMessage(), failure);
        }
    }
}
