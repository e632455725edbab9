package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.zip.ZipException;

/// The uncompressed bytes of a source, counted and bounded: what is compressed may be far larger than it looks.
final class SourceStream extends WatchedStream {
    private final long bytesMax;
    private final Supplier<ServiceError> tooLarge;
    private long bytes;

    SourceStream(InputStream in, long bytesMax, Supplier<ServiceError> tooLarge) {
        super(in);
        this.bytesMax = bytesMax;
        this.tooLarge = tooLarge;
    }

    long bytes() {
        return bytes;
    }

    long bytesMax() {
        return bytesMax;
    }

    /// Its text as UTF-8; a byte order mark is left out, invalid bytes become U+FFFD.
    Reader text() throws IOException {
        var reader = new InputStreamReader(this, StandardCharsets.UTF_8);
        return new SkipMark(reader);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        try {
            int count = in.read(target, offset, length);
            if (count > 0) {
                bytes += count;
                if (bytes > bytesMax) {
                    throw new KustoException(tooLarge.get());
                }
            }
            return count;
        } catch (ZipException | EOFException e) {
            throw new KustoException(IngestionErrors.invalidArchive(IngestionErrors.reason(e)), e);
        }
    }

    private static final class SkipMark extends java.io.FilterReader {
        private boolean isFirst = true;

        SkipMark(Reader in) {
            super(in);
        }

        @Override
        public int read(char[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            if (isFirst && count > 0) {
                isFirst = false;
                if (target[offset] == '\uFEFF') {
                    System.arraycopy(target, offset + 1, target, offset, count - 1);
                    return count == 1 ? read(target, offset, length) : count - 1;
                }
            }
            return count;
        }
    }
}
