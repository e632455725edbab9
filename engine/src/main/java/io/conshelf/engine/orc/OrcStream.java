package io.conshelf.engine.orc;

import java.io.IOException;
import java.nio.ByteBuffer;

/// The bytes of one stretch of the file, decompressed as they are asked for.
final class OrcStream {
    private static final int RAW_BYTES = 1 << 14;
    private static final int CHUNK_HEADER_BYTES = 3;

    /// Where one chunk at a time is read and decompressed, for all streams of a file.
    static final class Scratch {
        private byte[] packed = new byte[0];
        private byte[] expanded = new byte[0];
    }

    private final Stripe.Source source;
    private final long end;
    private long position;
    private byte[] buffer = new byte[0];
    private int at;
    private int count;

    OrcStream(Stripe.Source source, long position, long length) {
        this.source = source;
        this.position = position;
        this.end = position + length;
    }

    /// The next byte.
    ///
    /// @throws OrcException where there is none
    int read() throws IOException {
        if (at == count) {
            fill();
        }
        return buffer[at++] & 0xFF;
    }

    void read(byte[] target, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (at == count) {
                fill();
            }
            int part = Math.min(length - done, count - at);
            System.arraycopy(buffer, at, target, offset + done, part);
            at += part;
            done += part;
        }
    }

    byte[] readAll(int bytesMax) throws IOException {
        return readAll(bytesMax, new Budget("a part of it"));
    }

    byte[] readAll(int bytesMax, Budget budget) throws IOException {
        byte[] all = new byte[0];
        int length = 0;
        while (at < count || position < end) {
            if (at == count) {
                fill();
            }
            int part = count - at;
            if (length + (long) part > bytesMax) {
                throw new OrcException("a part of it has more than " + bytesMax + " bytes");
            }
            budget.take(part);
            if (all.length < length + part) {
                all = java.util.Arrays.copyOf(all, (int) Math.min(bytesMax, Math.max(2L * all.length, length + part)));
            }
            read(all, length, part);
            length += part;
        }
        return java.util.Arrays.copyOf(all, length);
    }

    long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = read();
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new OrcException("a number has more than 64 bits");
    }

    static long signed(long zigzag) {
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private void fill() throws IOException {
        do {
            if (position >= end) {
                throw new OrcException("a part of it ends too early");
            }
            if (source.compression() == Compression.NONE) {
                room((int) Math.min(RAW_BYTES, end - position));
                take(buffer, count);
            } else {
                chunk();
            }
        } while (count == 0);
        source.bytesRead().addAndGet(count);
    }

    private void chunk() throws IOException {
        byte[] header = new byte[CHUNK_HEADER_BYTES];
        take(header, CHUNK_HEADER_BYTES);
        int value = header[0] & 0xFF | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16;
        int length = value >>> 1;
        if (length > end - position || length > source.chunkBytesMax()) {
            throw new OrcException("a chunk claims more bytes than there can be");
        }
        if ((value & 1) == 1) {
            room(length);
            take(buffer, length);
            return;
        }
        Scratch scratch = source.scratch();
        scratch.packed = grown(scratch.packed, length);
        take(scratch.packed, length);
        scratch.expanded = grown(scratch.expanded, source.chunkBytesMax());
        int expanded = source.compression().expand(scratch.packed, length, scratch.expanded);
        room(expanded);
        System.arraycopy(scratch.expanded, 0, buffer, 0, expanded);
    }

    private void room(int length) throws OrcException {
        if (length > buffer.length) {
            source.stripe().take(length - buffer.length);
            buffer = new byte[length];
        }
        at = 0;
        count = length;
    }

    private static byte[] grown(byte[] bytes, int length) {
        return bytes.length >= length ? bytes : new byte[length];
    }

    private void take(byte[] target, int length) throws IOException {
        if (length > end - position) {
            throw new OrcException("a part of it ends too early");
        }
        var into = ByteBuffer.wrap(target, 0, length);
        while (into.hasRemaining()) {
            int part = source.file().read(into, position);
            if (part < 0) {
                throw new OrcException("it ends too early");
            }
            position += part;
        }
    }
}
