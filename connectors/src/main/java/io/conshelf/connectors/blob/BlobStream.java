package io.conshelf.connectors.blob;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// The bytes of a blob. The client's stream throws what it likes; this one throws what streams throw.
final class BlobStream extends FilterInputStream {
    private final String name;

    BlobStream(String name, InputStream stream) {
        super(stream);
        this.name = name;
    }

    @Override
    public int read() throws IOException {
        try {
            return super.read();
        } catch (RuntimeException | IOException failure) {
            throw failed(failure);
        }
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        try {
            return super.read(bytes, from, length);
        } catch (RuntimeException | IOException failure) {
            throw failed(failure);
        }
    }

    private IOException failed(Exception failure) {
        return new IOException(BlobFiles.failed("Reading '" + name + "'", failure.getCause() == null ? failure : failure.getCause()).getMessage(), failure);
    }
}
