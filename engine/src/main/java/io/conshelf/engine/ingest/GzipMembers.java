package io.conshelf.engine.ingest;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// Reads gzip of several members, as they come of files that were put one behind the other. The JDK's reader calls itself at the end of each, so that members
/// without content, as small as they are, would take all of the stack.
public final class GzipMembers extends GZIPInputStream {
    private static final int EMPTY_MAX = 1_000;

    private int depth;

    public GzipMembers(InputStream packed, int bufferBytes) throws IOException {
        super(packed, bufferBytes);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (depth == EMPTY_MAX) {
            throw new ZipException("more than " + EMPTY_MAX + " members without content follow each other");
        }
        depth++;
        try {
            return super.read(buffer, offset, length);
        } finally {
            depth--;
        }
    }
}
