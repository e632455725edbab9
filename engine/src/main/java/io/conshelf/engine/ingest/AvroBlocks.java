package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.io.InputStream;

/// The bytes of an Avro container on their way to the library, which makes room for as many bytes as a block claims before it reads the first of them: a file of
/// a hundred bytes may claim 2 GB.
final class AvroBlocks extends WatchedStream {
    /// As they are in the file. What the library lets a block become when it is unpacked.
    static final long BLOCK_BYTES_MAX = Math.min(200L << 20, Runtime.getRuntime().maxMemory() / 4);

    private static final int MAGIC_BYTES = 4;
    private static final int SYNC_BYTES = 16;

    /// What the next number is.
    private enum Next { ENTRIES, BYTES_OF_ENTRIES, BYTES_OF_KEY, BYTES_OF_VALUE, RECORDS, BYTES_OF_BLOCK }

    private final long blockBytesMax;
    private Next next = Next.ENTRIES;
    private long entries;
    /// Bytes that are no number.
    private long passing = MAGIC_BYTES;
    private long number;
    private int shift;

    /// @param bytesMax of the whole file
    AvroBlocks(InputStream in, long bytesMax) {
        super(in);
        blockBytesMax = Math.min(BLOCK_BYTES_MAX, bytesMax);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, length);
        follow(target, offset, offset + Math.max(0, count));
        return count;
    }

    private void follow(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            if (passing > 0) {
                int passed = (int) Math.min(passing, end - at);
                passing -= passed;
                at += passed;
                continue;
            }
            byte part = bytes[at++];
            number |= (part & 0x7FL) << shift;
            shift += 7;
            // The library refuses longer ones by itself.
            if (part >= 0 || shift > 63) {
                long value = number >>> 1 ^ -(number & 1);
                number = 0;
                shift = 0;
                take(value);
            }
        }
    }

    private void take(long value) {
        switch (next) {
            case ENTRIES -> {
                entries = Math.abs(value);
                next = value == 0 ? Next.RECORDS : value < 0 ? Next.BYTES_OF_ENTRIES : Next.BYTES_OF_KEY;
                passing = value == 0 ? SYNC_BYTES : 0;
            }
            case BYTES_OF_ENTRIES -> next = Next.BYTES_OF_KEY;
            case BYTES_OF_KEY -> {
                passing = Math.max(0, value);
                next = Next.BYTES_OF_VALUE;
            }
            case BYTES_OF_VALUE -> {
                passing = Math.max(0, value);
                next = --entries > 0 ? Next.BYTES_OF_KEY : Next.ENTRIES;
            }
            case RECORDS -> next = Next.BYTES_OF_BLOCK;
            case BYTES_OF_BLOCK -> {
                if (value > blockBytesMax) {
                    throw new KustoException(IngestionErrors.invalidBlob("a block of the Avro claims " + value + " bytes; up to " + blockBytesMax + " are read"));
                }
                passing = Math.max(0, value) + SYNC_BYTES;
                next = Next.RECORDS;
            }
        }
    }
}
