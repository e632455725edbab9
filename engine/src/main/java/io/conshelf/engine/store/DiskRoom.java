package io.conshelf.engine.store;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;

/// Keeps room on the disk of the data folder for finishing what was begun: new rows are refused before the disk is full, so that
/// sealing, checkpoints and what frees space still work.
public final class DiskRoom {
    /// A checkpoint writes what the write-ahead log holds, and the row log is sealed beside it.
    private static final long KEPT_BYTES_MAX = 64L << 20;
    private static final int KEPT_PART = 8;
    private static final int SHORT_TIMES = 4;
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
        return of(Files.getFileStore(folder));
    }

    static DiskRoom of(FileStore disk) throws IOException {
        var room = new DiskRoom(Optional.of(disk), Math.min(KEPT_BYTES_MAX, disk.getTotalSpace() / KEPT_PART));
        room.look(System.nanoTime());
        return room;
    }

    /// @throws KustoException when new rows must wait
    public void check() {
        if (!hasRoom()) {
            throw refusal();
        }
    }

    boolean isBounded() {
        return disk.isPresent();
    }

    /// Whether new rows may take of what is free.
    boolean hasRoom() {
        return freeBytes() >= keptBytes;
    }

    /// Whether new rows may be written where they take no more of the disk for good: to blocks that a file has free. Of what is
    /// kept they need a little for as long as it takes.
    ///
    /// @param freeInFile    bytes of those blocks
    /// @param unsealedBytes of rows that take of the disk as long as they wait for those blocks, and once more on their way into them
    boolean hasRoomWith(long freeInFile, long unsealedBytes) {
        return freeInFile >= keptBytes + unsealedBytes && freeBytes() >= keptBytes / 2 + unsealedBytes;
    }

    /// Whether new rows may be written once the write-ahead log of a file is in its blocks, where they are not now.
    ///
    /// @param unsealedBytes as with [#hasRoomWith]
    boolean hasRoomAfterCheckpoint(long freeInFile, long logBytes, long unsealedBytes) {
        long moved = Math.min(freeInFile, logBytes);
        long free = freeBytes() + moved;
        return free >= keptBytes || freeInFile - moved >= keptBytes + unsealedBytes && free >= keptBytes / 2 + unsealedBytes;
    }

    /// Whether rows of the row log can be sealed, for which room is kept: on their way they take of the disk once, and in the file where its free blocks are too few.
    boolean hasRoomToSeal(long freeInFile, long unsealedBytes) {
        return freeBytes() - unsealedBytes >= Math.max(0, unsealedBytes - freeInFile);
    }

    /// How far rows may fill the disk that are being written from now on: it is known only then how many they are, and they go
    /// again when they are too many. Those that are written to free blocks of a file begin with less, and each statement of a
    /// request where the one before it ended: so there is an end to how far they go.
    long leastFree() {
        return Math.max(keptBytes / 8 * 3, Math.min(keptBytes / 8 * 5, freeBytes() - keptBytes / 8));
    }

    /// Asks the disk itself.
    boolean isFilledBeyond(long leastFree) {
        look(System.nanoTime());
        return freeBytes < leastFree;
    }

    /// Whether the disk is about to be full, so that what is free inside files is worth an effort now.
    boolean isShort() {
        return freeBytes() < SHORT_TIMES * keptBytes;
    }

    /// What it means that a write had no memory while the disk, which takes what memory has no room for, had none for it either: which of the two
    /// DuckDB tells is up to its threads. Empty where the disk has no part in it.
    Optional<ServiceError> ofMemory(SQLException failure) {
        return isBounded() && Errors.lacksMemory(failure) && isFilledBeyond(keptBytes) ? Optional.of(DiskTrouble.noRoomForMemory(freeBytes)) : Optional.empty();
    }

    KustoException refusal() {
        return new KustoException(DiskTrouble.noRoom(freeBytes, keptBytes));
    }

    private long freeBytes() {
        if (disk.isPresent()) {
            long now = System.nanoTime();
            if (now - lookedAt > LOOK_EVERY_NANOS) {
                look(now);
            }
        }
        return freeBytes;
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
