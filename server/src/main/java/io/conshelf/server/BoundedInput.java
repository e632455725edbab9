package io.conshelf.server;

import io.conshelf.engine.KustoException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A body that may only be so long. What lies beyond the limit is refused by name, not cut off.
final class BoundedInput extends FilterInputStream {
    private final String what;
    private final long bytesMax;
    private long bytesRead;

    BoundedInput(InputStream in, String what, long bytesMax) {
        super(in);
        this.what = what;
        this.bytesMax = bytesMax;
    }

    long bytesRead() {
        return bytesRead;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            count(1);
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int got = super.read(buffer, offset, length);
        if (got > 0) {
            count(got);
        }
        return got;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long skipped = super.skip(bytes);
        count(skipped);
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long bytes) throws KustoException {
        bytesRead += bytes;
        if (bytesRead > bytesMax) {
            throw Refusals.tooLarge(what, bytesMax);
        }
    }
}
