package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.duck.DuckInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where rows of one database find room: on the disk, and in the blocks that rows which are gone have left in its file. Such
/// blocks are free, and those at the file's end given back to the disk, with a checkpoint: this makes it where nothing else does.
final class DatabaseRoom {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseRoom.class);
    private static final long LOOK_EVERY_NANOS = 1_000_000_000;

    private final DiskRoom disk;
    private final DiskWatch watch;
    private final DuckInstance duck;
    private final Readers readers;
    private final String id;
    private final ReentrantLock reclaiming = new ReentrantLock();
    private final LeftRoom left = new LeftRoom();
    private final ReentrantLock looking = new ReentrantLock();
    // Read without a lock: who writes, merges or seals waits for DuckDB where he must look himself, and nobody else does.
    private volatile Optional<Look> seen = Optional.empty();
    private volatile boolean isClosed;

    /// @param freeBytes of the file's blocks
    /// @param logBytes  of what was committed and is not in blocks yet
    private record Look(long freeBytes, long logBytes, long atNanos) {}

    DatabaseRoom(DiskRoom disk, DiskWatch watch, DuckInstance duck, Readers readers, String id) {
        this.disk = disk;
        this.watch = watch;
        this.duck = duck;
        this.readers = readers;
        this.id = id;
    }

    /// @throws KustoException when new rows must wait
    void check() {
        check(0);
    }

    /// As [#check], of rows that go to the row log: that is another file than the one with the free blocks.
    ///
    /// @param unsealedBytes of the rows in the row log, these among them
    void checkLog(long unsealedBytes) {
        check(unsealedBytes);
    }

    private void check(long unsealedBytes) {
        if (!disk.hasRoom() && !disk.hasRoomWith(look().freeBytes(), unsealedBytes)) {
            // Few rows go to the log, which takes of the disk until a checkpoint puts them into the file's free blocks.
            Look file = look();
            if (disk.hasRoomAfterCheckpoint(file.freeBytes(), file.logBytes(), unsealedBytes)) {
                isLeft();
            }
            throw disk.refusal();
        }
    }

    boolean isThere() {
        return disk.hasRoom() || disk.hasRoomWith(look().freeBytes(), 0);
    }

    /// Whether so many bytes of rows can be sealed: without the room that would fail, and the file with it.
    boolean isThereToSeal(long unsealedBytes) {
        return disk.hasRoomToSeal(0, unsealedBytes) || disk.hasRoomToSeal(look().freeBytes(), unsealedBytes);
    }

    /// Runs a statement that writes rows.
    ///
    /// @throws KustoException when it would fill the disk
    <R> R during(Statement statement, WriteStop.Execution<R> execution) throws SQLException {
        try {
            return watch.during(statement, () -> WriteStop.current().during(statement, execution));
        } finally {
            // It has taken of the blocks that were free.
            seen = Optional.empty();
        }
    }

    /// As [DiskRoom#ofMemory].
    Optional<ServiceError> ofMemory(SQLException failure) {
        return disk.ofMemory(failure);
    }

    /// Rows are gone, or were written and not committed, or are in the log and not in the file.
    void isLeft() {
        if (disk.isBounded()) {
            left.isLeft(new LeftRoom.Left(System.nanoTime(), readers.stamp()));
        }
    }

    /// Whether there is room to be had: nobody reads what is gone any more.
    boolean isDue() {
        return left.isDue(System.nanoTime(), readers.oldest(), disk.isShort());
    }

    /// Makes the room of what is gone room for what comes. Where something is being written it is tried again.
    void reclaim(OpenDatabase open) {
        if (!reclaiming.tryLock()) {
            return;
        }
        try {
            // It may have been done since it was asked for.
            if (!isClosed && isDue()) {
                left.begin(readers.oldest()).ifPresent(begun -> reclaim(open, begun));
            }
        } finally {
            reclaiming.unlock();
        }
    }

    private void reclaim(OpenDatabase open, LeftRoom.Left begun) {
        try (Connection connection = duck.connect()) {
            // With a commit the writer drops the storage that nobody reads any more; and DuckDB makes no checkpoint for nothing.
            open.writer().changeUnasked(transaction -> {
                DatabaseFile.touch(transaction.connection(), id);
                return transaction;
            });
            Jdbc.execute(connection, "CHECKPOINT " + id);
            seen = Optional.empty();
        } catch (SQLException e) {
            open.noteFailure(e);
            postpone(begun, e);
        } catch (KustoException e) {
            postpone(begun, e);
        }
    }

    private void postpone(LeftRoom.Left begun, Exception reason) {
        left.failed(begun, System.nanoTime());
        LOG.debug("The room of what is gone from '{}' is not free yet: {}", id, reason.getMessage());
    }

    /// Waits for what is being done, and does no more.
    void close() {
        isClosed = true;
        reclaiming.lock();
        reclaiming.unlock();
    }

    private Look look() {
        return recent().orElseGet(() -> {
            looking.lock();
            try {
                // Who waited takes what the other saw.
                return recent().orElseGet(this::lookNow);
            } finally {
                looking.unlock();
            }
        });
    }

    private Optional<Look> recent() {
        return seen.filter(look -> System.nanoTime() - look.atNanos() <= LOOK_EVERY_NANOS);
    }

    private Look lookNow() {
        long now = System.nanoTime();
        Look look;
        try (Connection connection = duck.connect()) {
            look = new Look(StoredSize.freeBytes(connection, id), StoredSize.logBytes(connection, id), now);
        } catch (SQLException _) {
            // The database is being closed, or opened again.
            look = new Look(0, 0, now);
        }
        seen = Optional.of(look);
        return look;
    }
}
