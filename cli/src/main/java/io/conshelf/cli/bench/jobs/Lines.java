package io.conshelf.cli.bench.jobs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The lines of a file, read once from its beginning. Both sides of the comparison read so.
final class Lines implements AutoCloseable {
    private final InputStream in;
    private byte[] buffer = new byte[1 << 18];
    private int from;
    private int to;

    Lines(String file) throws IOException {
        in = Files.newInputStream(Path.of(file));
    }

    Optional<byte[]> next() throws IOException {
        int scanned = from;
        while (true) {
            for (int i = scanned; i < to; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, from, i);
                    from = i + 1;
                    return Optional.of(line);
                }
            }
            scanned = to - from;
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            from = 0;
            if (to == buffer.length) {
                buffer = Arrays.copyOf(buffer, to * 2);
            }
            int read = in.read(buffer, to, buffer.length - to);
            if (read < 0) {
                return Optional.empty();
            }
            to += read;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
