package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Stops statements that write rows before they have filled the disk. How much they will write nobody knows beforehand; and what a
/// full disk stopped would leave a file that stays as long as it is, with no room to write down that it may be shorter.
final class DiskWatch implements AutoCloseable {
    private static final long LOOK_EVERY_MS = 20;

    private final DiskRoom room;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-disk-watch").factory());

    DiskWatch(DiskRoom room) {
        this.room = room;
    }

    /// @throws KustoException when new rows must wait
    <R> R during(Statement statement, WriteStop.Execution<R> execution) throws SQLException {
        if (!room.isBounded()) {
            return execution.run();
        }
        var watched = new Watched(statement);
        var look = looks.scheduleWithFixedDelay(watched::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
        try {
            return execution.run();
        } catch (SQLException | RuntimeException e) {
            if (watched.isStopped()) {
                throw new KustoException(room.refusal().error(), e);
            }
            throw e;
        } finally {
            look.cancel(false);
            watched.end();
        }
    }

    private final class Watched {
        private final Statement statement;
        private final long leastFree = room.leastFree();
        private boolean isStopped;
        private boolean hasEnded;

        Watched(Statement statement) {
            this.statement = statement;
        }

        /// DuckDB forgets an interrupt that comes just before a statement starts, so it is stopped until it has ended; not later,
        /// as the connection goes on to another.
        synchronized void look() {
            if (!hasEnded && (isStopped || room.isFilledBeyond(leastFree))) {
                isStopped = true;
                try {
                    statement.cancel();
                } catch (SQLException _) {
                    hasEnded = true;
                }
            }
        }

        synchronized boolean isStopped() {
            return isStopped;
        }

        synchronized void end() {
            hasEnded = true;
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
