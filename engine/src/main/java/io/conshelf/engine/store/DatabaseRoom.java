package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where rows of one database find room: on the disk, and in the blocks that rows which are gone have left in its file. Such
/// blocks are free, and those at the file's end given back to the disk, with a checkpoint: this makes it where nothing else does.
final class DatabaseRoom {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseRoom.class);
    /// Rows go in company: their room is asked for once, unless the disk is short.
    private static final long RECLAIM_AFTER_NANOS = 10_000_000_000L;
    private static final long LOOK_EVERY_NANOS = 1_000_000_000;

    private final DiskRoom disk;
    private final DiskWatch watch;
    private final DuckInstance duck;
    private final Readers readers;
    private final String id;
    private final ReentrantLock reclaiming = new ReentrantLock();
    private volatile boolean isClosed;
    private boolean isDue;
    private long leftAt;
    private long leftStamp;
    private long freeInFile;
    private long lookedAt = System.nanoTime() - 2 * LOOK_EVERY_NANOS;

    DatabaseRoom(DiskRoom disk, DiskWatch watch, DuckInstance duck, Readers readers, String id) {
        this.disk = disk;
        this.watch = watch;
        this.duck = duck;
        this.readers = readers;
        this.id = id;
    }

    /// @throws KustoException when new rows must wait
    void check() {
        if (!isThere()) {
            throw disk.refusal();
        }
    }

    boolean isThere() {
        return disk.hasRoom() || disk.hasRoomWith(freeInFile());
    }

    /// Runs a statement that writes rows.
    ///
    /// @throws KustoException when it would fill the disk
    <R> R during(Statement statement, WriteStop.Execution<R> execution) throws SQLException {
        return watch.during(statement, () -> WriteStop.current().during(statement, execution));
    }

    /// Rows are gone, or were written and not committed.
    synchronized void isLeft() {
        if (disk.isBounded()) {
            isDue = true;
            leftAt = System.nanoTime();
            leftStamp = readers.stamp();
        }
    }

    /// Whether there is room to be had: nobody reads what is gone any more.
    synchronized boolean isDue() {
        return isDue
                && leftStamp < readers.oldest()
                && (System.nanoTime() - leftAt > RECLAIM_AFTER_NANOS || disk.isShort());
    }

    /// Makes the room of what is gone room for what comes. Where something is being written it is tried again.
    void reclaim(OpenDatabase open) {
        if (!reclaiming.tryLock()) {
            return;
        }
        try {
            if (!isClosed) {
                reclaimAlone(open);
            }
        } finally {
            reclaiming.unlock();
        }
    }

    private void reclaimAlone(OpenDatabase open) {
        try (Connection connection = duck.connect()) {
            synchronized (this) {
                // What goes from now on is for the next time.
                isDue = false;
            }
            // With a commit the writer drops the storage that nobody reads any more; and DuckDB makes no checkpoint for nothing.
            open.writer().changeUnasked(transaction -> {
                DatabaseFile.touch(transaction.connection(), id);
                return transaction;
            });
            Jdbc.execute(connection, "CHECKPOINT " + id);
            synchronized (this) {
                lookedAt = System.nanoTime() - 2 * LOOK_EVERY_NANOS;
            }
        } catch (SQLException e) {
            open.noteFailure(e);
            postpone(e);
        } catch (KustoException e) {
            postpone(e);
        }
    }

    private synchronized void postpone(Exception reason) {
        isDue = true;
        leftAt = System.nanoTime();
        LOG.debug("The room of what is gone from '{}' is not free yet: {}", id, reason.getMessage());
    }

    /// Waits for what is being done, and does no more.
    void close() {
        isClosed = true;
        reclaiming.lock();
        reclaiming.unlock();
    }

    private synchronized long freeInFile() {
        long now = System.nanoTime();
        if (now - lookedAt > LOOK_EVERY_NANOS) {
            lookedAt = now;
            try (Connection connection = duck.connect()) {
                freeInFile = StoredSize.freeBytes(connection, id);
            } catch (SQLException _) {
                // The database is being closed, or opened again.
                freeInFile = 0;
            }
        }
        return freeInFile;
    }
}
