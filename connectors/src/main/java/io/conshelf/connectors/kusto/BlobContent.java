package io.conshelf.connectors.kusto;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What goes into one blob on its way into a cluster. Closed before it was added to a batch, it leaves nothing behind.
public sealed interface BlobContent extends AutoCloseable permits BlobContent.Range, BlobUpload {
    @Override
    void close();

    /// Bytes of a file of this machine, from `from` to before `to`, sent as they lie there.
    record Range(Path file, long from, long to) implements BlobContent {
        private static final int COPY_BYTES = 1 << 18;

        public static Range whole(Path file) throws StoreException {
            try {
                return new Range(file, 0, Files.size(file));
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileReadFailure", "'" + file.getFileName() + "' cannot be read: " + failure.getMessage(), failure);
            }
        }

        long sizeBytes() {
            return to - from;
        }

        /// Writes the bytes, which end with a line end then.
        public void writeLines(OutputStream target) throws StoreException {
            try {
                if (copy(target) != '\n') {
                    target.write('\n');
                }
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileReadFailure", "'" + file.getFileName() + "' cannot be staged: " + failure.getMessage(), failure);
            }
        }

        /// Writes the bytes; returns the last one.
        int copy(OutputStream target) throws IOException {
            int last = '\n';
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                InputStream bytes = Channels.newInputStream(channel.position(from));
                byte[] buffer = new byte[COPY_BYTES];
                for (long left = sizeBytes(); left > 0; ) {
                    int count = bytes.read(buffer, 0, (int) Math.min(buffer.length, left));
                    if (count < 0) {
                        throw new IOException("it has become shorter");
                    }
                    target.write(buffer, 0, count);
                    last = buffer[count - 1];
                    left -= count;
                }
            }
            return last;
        }

        @Override
        public void close() {
            // The file is its owner's.
        }
    }
}
