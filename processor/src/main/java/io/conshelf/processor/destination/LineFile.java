package io.conshelf.processor.destination;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file of this machine that grows by whole lines. A disk that is full in the middle of one leaves nothing half there: whoever tries again writes over it.
public final class LineFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Space space;
    private final ByteBuffer waiting = ByteBuffer.allocate(BUFFER_BYTES);
    /// How much of the file is what was added.
    private long written;

    /// Where bytes lie.
    interface Space extends AutoCloseable {
        /// @return how many it took, as a channel does
        int write(ByteBuffer bytes, long at) throws IOException;

        void truncate(long size) throws IOException;

        void force() throws IOException;

        @Override
        void close() throws IOException;
    }

    LineFile(Space space, long size) {
        this.space = space;
        this.written = size;
    }

    /// Goes on behind the first so many bytes of a file, which is made where it is not there; what stands behind them is taken away.
    public static LineFile open(Path path, long sizeMax) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.size() > sizeMax) {
                channel.truncate(sizeMax);
            }
            return new LineFile(new Space() {
                @Override
                public int write(ByteBuffer bytes, long at) throws IOException {
                    return channel.write(bytes, at);
                }

                @Override
                public void truncate(long size) throws IOException {
                    channel.truncate(size);
                }

                @Override
                public void force() throws IOException {
                    channel.force(true);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            }, channel.size());
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
    }

    /// Adds a line or several, all or nothing.
    public void add(byte[] lines) throws IOException {
        if (lines.length > waiting.remaining()) {
            flush();
        }
        if (lines.length > waiting.remaining()) {
            write(ByteBuffer.wrap(lines));
        } else {
            waiting.put(lines);
        }
    }

    /// The file has what was added, as far as the system is not lost.
    public void flush() throws IOException {
        if (waiting.position() > 0) {
            write(waiting.duplicate().flip());
            waiting.clear();
        }
    }

    /// The file outlives the system.
    public void force() throws IOException {
        flush();
        // what a write that failed has left behind the last line
        space.truncate(written);
        space.force();
    }

    private void write(ByteBuffer bytes) throws IOException {
        long at = written;
        while (bytes.hasRemaining()) {
            at += space.write(bytes, at);
        }
        written = at;
    }

    /// With what waits to be written.
    public long bytes() {
        return written + waiting.position();
    }

    @Override
    public void close() throws IOException {
        space.close();
    }
}
