package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/// The part of a text, in UTF-8, that is being cut into pieces. It is always filled, so that pieces do not depend on how the bytes arrive.
final class PieceWindow implements AutoCloseable {
    static final int BUFFER_BYTES = 1 << 20;
    /// Of one piece, which the window grows to hold.
    static final int PIECE_BYTES_MAX = 64 << 20;
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String name;
    private final InputStream text;
    // Read in loops over every byte.
    byte[] bytes;
    int limit;
    boolean isAtEnd;

    PieceWindow(String name, InputStream text, Charset encoding, int bufferBytes) throws StoreException {
        this.name = name;
        this.text = encoding.equals(StandardCharsets.UTF_8) ? text : new Utf8Stream(text, encoding);
        this.bytes = new byte[bufferBytes];
        fill();
    }

    /// How many bytes the mark takes that says how the text is encoded, where it begins with one.
    int markBytes() {
        return limit >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length) ? MARK.length : 0;
    }

    /// Leaves out what stands in front of a place, which becomes the window's beginning, and reads on.
    void advance(int from, Supplier<StoreException> tooLarge) throws StoreException {
        System.arraycopy(bytes, from, bytes, 0, limit - from);
        limit -= from;
        if (limit == bytes.length) {
            if (bytes.length >= PIECE_BYTES_MAX) {
                throw tooLarge.get();
            }
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        fill();
    }

    private void fill() throws StoreException {
        try {
            limit += text.readNBytes(bytes, limit, bytes.length - limit);
            isAtEnd = limit < bytes.length;
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }

    void write(int from, int to, byte[] lineEnd, OutputStream target) throws StoreException {
        try {
            target.write(bytes, from, to - from);
            target.write(lineEnd);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "'" + name + "' cannot be staged: " + failure.getMessage(), failure);
        }
    }

    private StoreException unreadable(IOException failure) {
        return StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
    }

    @Override
    public void close() throws StoreException {
        try {
            text.close();
        } catch (IOException failure) {
            throw unreadable(failure);
        }
    }
}
