package io.conshelf.engine.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream of which every byte is looked at once: all go through the one method that reads many, those that are skipped too, and none comes twice.
abstract class WatchedStream extends FilterInputStream {
    private static final int SKIPPED_AT_ONCE = 1 << 16;

    WatchedStream(InputStream in) {
        super(in);
    }

    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final long skip(long count) throws IOException {
        return readNBytes((int) Math.min(count, SKIPPED_AT_ONCE)).length;
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
