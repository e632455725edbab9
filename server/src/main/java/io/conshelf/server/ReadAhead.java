package io.conshelf.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;

/// The beginning of a body, read before anybody works on it: a client that sends slowly holds nothing but what it has sent.
final class ReadAhead {
    private static final int PIECE_BYTES = 16 << 10;

    private ReadAhead() {}

    /// @param bytesMax as much is waited for, or the end
    /// @return all of the stream; a failure of reading comes where it came
    static InputStream of(InputStream in, int bytesMax) {
        var ahead = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE_BYTES];
        try {
            for (int got = in.read(piece); got >= 0; got = in.read(piece)) {
                ahead.write(piece, 0, got);
                if (ahead.size() >= bytesMax) {
                    break;
                }
            }
        } catch (IOException failure) {
            return new SequenceInputStream(new ByteArrayInputStream(ahead.toByteArray()), new Failing(failure));
        }
        return new SequenceInputStream(new ByteArrayInputStream(ahead.toByteArray()), in);
    }

    private static final class Failing extends InputStream {
        private final IOException failure;

        Failing(IOException failure) {
            this.failure = failure;
        }

        @Override
        public int read() throws IOException {
            throw failure;
        }
    }
}
