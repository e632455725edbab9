package io.conshelf.connectors.format;

import java.io.IOException;
import java.io.InputStream;

/// The bytes of an Avro container file on their way to its reader, which makes room for as much as the file says that follows. So what it
/// says is looked at first: a file of a few bytes can state two gigabytes.
final class AvroBounds extends InputStream {
    private static final int HEADER_BYTES_MAX = 16 << 20;
    private static final int BLOCK_BYTES_MAX = 64 << 20;
    private static final int MAGIC_BYTES = 4;
    private static final int SYNC_BYTES = 16;
    private static final int VARINT_BITS_MAX = 63;

    private final InputStream bytes;
    private Number expected = Number.ENTRIES;
    private long toPass = MAGIC_BYTES;
    private long number;
    private int shift;
    private long entriesLeft;
    private long headerBytes;

    /// What the next number in the file is. After it there may be bytes to pass over.
    private enum Number { ENTRIES, BYTES_OF_ENTRIES, BYTES_OF_KEY, BYTES_OF_VALUE, ROWS, BYTES_OF_BLOCK }

    /// A file that asks for more room than there is.
    static final class TooLarge extends IOException {
        private TooLarge(String what, long bytes, int max) {
            super("states " + what + " of " + bytes + " bytes, and there is room for " + max);
        }
    }

    AvroBounds(InputStream bytes) {
        this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int count = bytes.read(into, offset, length);
        for (int at = offset; at < offset + count; ) {
            if (toPass > 0) {
                int passed = (int) Math.min(toPass, offset + count - at);
                toPass -= passed;
                at += passed;
            } else {
                look(into[at++]);
            }
        }
        return count;
    }

    /// Numbers are zigzag, seven bits a byte from the lowest.
    private void look(byte part) throws IOException {
        if (shift > VARINT_BITS_MAX) {
            throw new IOException("a number of more than 64 bits");
        }
        number |= (part & 0x7FL) << shift;
        shift += 7;
        if (part >= 0) {
            long value = number >>> 1 ^ -(number & 1);
            number = 0;
            shift = 0;
            take(value);
        }
    }

    private void take(long value) throws TooLarge {
        switch (expected) {
            case ENTRIES -> {
                entriesLeft = Math.abs(value);
                toPass = value == 0 ? SYNC_BYTES : 0;
                expected = value == 0 ? Number.ROWS : value < 0 ? Number.BYTES_OF_ENTRIES : Number.BYTES_OF_KEY;
            }
            case BYTES_OF_ENTRIES -> expected = Number.BYTES_OF_KEY;
            case BYTES_OF_KEY -> {
                toPass = inHeader(value);
                expected = Number.BYTES_OF_VALUE;
            }
            case BYTES_OF_VALUE -> {
                toPass = inHeader(value);
                expected = --entriesLeft == 0 ? Number.ENTRIES : Number.BYTES_OF_KEY;
            }
            case ROWS -> expected = Number.BYTES_OF_BLOCK;
            case BYTES_OF_BLOCK -> {
                if (value > BLOCK_BYTES_MAX) {
                    throw new TooLarge("a block", value, BLOCK_BYTES_MAX);
                }
                toPass = Math.max(0, value) + SYNC_BYTES;
                expected = Number.ROWS;
            }
        }
    }

    // The reader itself refuses what is negative.
    private long inHeader(long value) throws TooLarge {
        if (value > HEADER_BYTES_MAX - headerBytes) {
            throw new TooLarge("a header", value, HEADER_BYTES_MAX);
        }
        headerBytes += Math.max(0, value);
        return Math.max(0, value);
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}
