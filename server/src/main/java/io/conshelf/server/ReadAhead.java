package io.conshelf.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.concurrent.Semaphore;

/// The beginnings of bodies, read before anybody works on them, so that a client that sends slowly holds nothing but memory: bounded for each body and for all
/// together. Where there is none left a body is worked on as it comes.
final class ReadAhead {
    private static final int PIECE_BYTES = 16 << 10;

    private final int bytesMax;
    private final Semaphore pieces;

    /// @param bytesMax    of one body: as much is waited for, or the end
    /// @param bytesMaxAll of all bodies together
    ReadAhead(int bytesMax, int bytesMaxAll) {
        this.bytesMax = bytesMax;
        this.pieces = new Semaphore(bytesMaxAll / PIECE_BYTES);
    }

    /// @return all of the stream; a failure of reading comes where it came
    InputStream of(InputStream in) throws IOException {
        int held = 0;
        var ahead = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE_BYTES];
        try {
            int got = 0;
            while (got >= 0 && ahead.size() < bytesMax && pieces.tryAcquire()) {
                held++;
                got = in.readNBytes(piece, 0, piece.length);
                ahead.write(piece, 0, got);
                got = got < piece.length ? -1 : got;
            }
        } catch (IOException failure) {
            return new Beginning(ahead.toByteArray(), new Failing(failure, in), held);
        } catch (RuntimeException | Error failure) {
            pieces.release(held);
            in.close();
            throw failure;
        }
        return new Beginning(ahead.toByteArray(), in, held);
    }

    private final class Beginning extends SequenceInputStream {
        private int held;

        Beginning(byte[] ahead, InputStream rest, int held) {
            super(new ByteArrayInputStream(ahead), rest);
            this.held = held;
        }

        @Override
        public void close() throws IOException {
            pieces.release(held);
            held = 0;
            super.close();
        }
    }

    private static final class Failing extends InputStream {
        private final IOException failure;
        private final InputStream failed;

        Failing(IOException failure, InputStream failed) {
            this.failure = failure;
            this.failed = failed;
        }

        @Override
        public int read() throws IOException {
            throw failure;
        }

        @Override
        public void close() throws IOException {
            failed.close();
        }
    }
}
