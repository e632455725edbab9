package io.conshelf.server.storage;

import java.io.IOException;

/// What uploads may still take of a disk, given out before it is written: what several write at once is not counted on twice.
final class DiskRoom {
    /// How much of the disk is free.
    interface Free {
        long bytes() throws IOException;
    }

    private final Free free;
    private long promisedBytes;

    DiskRoom(Free free) {
        this.free = free;
    }

    /// Bytes that somebody is about to write.
    final class Promised implements AutoCloseable {
        private long bytes;

        /// So many more of them.
        ///
        /// @param freeBytesMin what is to be left of the disk when all are written
        void more(long more, long freeBytesMin) throws IOException {
            synchronized (DiskRoom.this) {
                long left = free.bytes();
                if (left - promisedBytes - more < freeBytesMin) {
                    throw new StorageException(StorageCode.INSUFFICIENT_STORAGE,
                            "The disk has %d bytes left, of which %d are kept free.".formatted(left - promisedBytes, freeBytesMin));
                }
                promisedBytes += more;
                bytes += more;
            }
        }

        /// The disk tells of these itself from now on.
        void written(long count) {
            synchronized (DiskRoom.this) {
                long told = Math.min(count, bytes);
                promisedBytes -= told;
                bytes -= told;
            }
        }

        @Override public void close() {
            written(bytes);
        }
    }

    /// None yet.
    Promised promised() {
        return new Promised();
    }
}
