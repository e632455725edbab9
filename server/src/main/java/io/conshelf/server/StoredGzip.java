package io.conshelf.server;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;

/// Gzip whose content stands as it is (RFC 1951, 3.2.4): for clients on this machine, which take nothing else after asking for gzip and gain nothing by compression.
/// The JDK's compressor stores too, but sets up its tables first, which takes longer than a small answer.
final class StoredGzip extends OutputStream {
    /// Of the format at most 65,535.
    private static final int BLOCK_BYTES = 16 << 10;
    private static final int BLOCK_HEADER_BYTES = 5;
    private static final int TRAILER_BYTES = 8;
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

    private final OutputStream out;
    private final CRC32 check = new CRC32();
    private final byte[] block = new byte[BLOCK_HEADER_BYTES + BLOCK_BYTES + TRAILER_BYTES];
    private int size;
    private long total;
    private boolean isBegun;
    private boolean isClosed;

    StoredGzip(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (size == BLOCK_BYTES) {
                writeBlock(false);
            }
            int some = Math.min(left, BLOCK_BYTES - size);
            System.arraycopy(bytes, from, block, BLOCK_HEADER_BYTES + size, some);
            size += some;
            from += some;
            left -= some;
        }
    }

    private void writeBlock(boolean isLast) throws IOException {
        if (!isBegun) {
            isBegun = true;
            out.write(HEADER);
        }
        check.update(block, BLOCK_HEADER_BYTES, size);
        total += size;
        block[0] = (byte) (isLast ? 1 : 0);
        put(size | ~size << 16, 1);
        int length = BLOCK_HEADER_BYTES + size;
        if (isLast) {
            put((int) check.getValue(), length);
            put((int) total, length + 4);
            length += TRAILER_BYTES;
        }
        out.write(block, 0, length);
        size = 0;
    }

    // Little-endian.
    private void put(int value, int at) {
        for (int i = 0; i < Integer.BYTES; i++) {
            block[at + i] = (byte) (value >>> 8 * i);
        }
    }

    @Override
    public void flush() throws IOException {
        if (size > 0) {
            writeBlock(false);
        }
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (!isClosed) {
            isClosed = true;
            writeBlock(true);
            out.close();
        }
    }
}
