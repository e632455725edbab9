package io.conshelf.connectors.kusto;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;

/// What arrives, in the pieces in which it arrives. More is asked for as it is read; whoever closes it before its end breaks off the connection.
final class ArrivingBytes extends InputStream {
    /// The network hands on at most 64 KiB at once, so 1 MiB waits to be read.
    private static final int PIECES_AHEAD = 16;

    private final Stream<ByteBuffer> arriving;
    private final Iterator<ByteBuffer> pieces;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    ArrivingBytes(Flux<ByteBuffer> arriving) {
        this.arriving = arriving.toStream(PIECES_AHEAD);
        this.pieces = this.arriving.iterator();
    }

    @Override
    public int read() throws IOException {
        return advance() ? Byte.toUnsignedInt(piece.get()) : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!advance()) {
            return -1;
        }
        int taken = Math.min(length, piece.remaining());
        piece.get(into, offset, taken);
        return taken;
    }

    private boolean advance() throws IOException {
        try {
            while (!piece.hasRemaining()) {
                if (!pieces.hasNext()) {
                    return false;
                }
                piece = pieces.next();
            }
            return true;
        } catch (RuntimeException failure) {
            throw broken(failure);
        }
    }

    private static IOException broken(RuntimeException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedException) {
                Thread.currentThread().interrupt();
                return (IOException) new InterruptedIOException("Reading was cancelled").initCause(failure);
            }
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new IOException(cause.getMessage(), failure);
    }

    @Override
    public void close() {
        arriving.close();
    }
}
