package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Keeps room on the disk of the data folder for finishing what was begun: new rows are refused before the disk is full, so that
/// sealing, checkpoints and what frees space still work.
public final class DiskRoom {
    /// A checkpoint writes what the write-ahead log holds, and the row log is sealed beside it.
    private static final long KEPT_BYTES_MAX = 64L << 20;
    private static final int KEPT_PART = 8;
    private static final long LOOK_EVERY_NANOS = 50_000_000;

    private final Optional<FileStore> disk;
    private final long keptBytes;
    private volatile long freeBytes = Long.MAX_VALUE;
    private volatile long lookedAt;

    private DiskRoom(Optional<FileStore> disk, long keptBytes) {
        this.disk = disk;
        this.keptBytes = keptBytes;
    }

    static DiskRoom inMemory() {
        return new DiskRoom(Optional.empty(), 0);
    }

    /// Of the disk that a folder lies on.
    public static DiskRoom of(Path folder) throws IOException {
        FileStore disk = Files.getFileStore(folder);
        var room = new DiskRoom(Optional.of(disk), Math.min(KEPT_BYTES_MAX, disk.getTotalSpace() / KEPT_PART));
        room.look(System.nanoTime());
        return room;
    }

    /// @throws KustoException when new rows must wait
    public void check() {
        if (disk.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        if (now - lookedAt > LOOK_EVERY_NANOS) {
            look(now);
        }
        if (freeBytes < keptBytes) {
            throw new KustoException(DiskTrouble.noRoom(freeBytes, keptBytes));
        }
    }

    private void look(long now) {
        lookedAt = now;
        try {
            freeBytes = disk.orElseThrow().getUsableSpace();
        } catch (IOException _) {
            // The write itself will tell.
            freeBytes = Long.MAX_VALUE;
        }
    }
}
