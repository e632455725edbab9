package io.conshelf.connectors.format;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// A stream that outlives what writes to it: a format that ends closes its stream, and whoever opened it goes on with it.
public final class LastingStream extends FilterOutputStream {
    public LastingStream(OutputStream target) {
        super(target);
    }

    // In one piece: the JDK's own writes byte by byte.
    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        out.write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
