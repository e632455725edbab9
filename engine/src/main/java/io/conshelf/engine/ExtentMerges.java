package io.conshelf.engine;

import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.MergePolicy;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the lists of extents short: what many small batches brought is merged as the table's merge policy says.
///
/// A step is one transaction beside the loads into the table, and as short as a command that changes extents may wait for it.
final class ExtentMerges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExtentMerges.class);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration LOOK_MAX = Duration.ofSeconds(10);
    private static final Duration STEP_MAX = Duration.ofSeconds(1);
    private static final long STEP_ROWS_MAX = 1L << 20;
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final Storage storage;
    private final InstantSource clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-merge").factory());

    private ExtentMerges(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    static ExtentMerges start(Storage storage, InstantSource clock) {
        var merges = new ExtentMerges(storage, clock);
        Repeated.start(merges.timer, LOOK_EVERY, "Merging of extents", merges::look);
        return merges;
    }

    private boolean counted(Database database, Table table) {
        var figures = storage.mergeFigures();
        figures.begin();
        try {
            boolean goesOn = step(database, table);
            figures.succeed();
            return goesOn;
        } catch (RuntimeException | Error e) {
            figures.fail();
            throw e;
        }
    }

    /// What it does not get to in its time the next look does.
    void look() {
        long start = System.nanoTime();
        for (var database : storage.snapshot().databases()) {
            for (var table : database.tables()) {
                try {
                    boolean goesOn = true;
                    while (goesOn) {
                        if (!isWithin(start, LOOK_MAX) || timer.isShutdown()) {
                            return;
                        }
                        goesOn = hasWork(database, table) && counted(database, table);
                    }
                } catch (RuntimeException e) {
                    // The next look tries again: the table may have been dropped or cleared meanwhile.
                    LOG.warn("Extents of table '{}' in database '{}' wait to be merged: {}", table.name(), database.name(), e.getMessage());
                }
            }
        }
    }

    private boolean hasWork(Database database, Table table) {
        var policy = MergePolicy.of(database, table, clock.instant());
        return policy.isAllowed() && !policy.groups(storage.extents(table)).isEmpty();
    }

    /// Whether something was merged; if not, something was in the way.
    private boolean step(Database database, Table table) {
        return storage.writer(database.name()).mergeIfFree(table.id(), transaction -> merge(transaction, table)).orElse(false);
    }

    private boolean merge(Transaction transaction, Table seen) throws SQLException {
        long start = System.nanoTime();
        var table = transaction.database().table(seen.id());
        if (table.isEmpty()) {
            return false;
        }
        long rows = 0;
        boolean hasMerged = false;
        var policy = MergePolicy.of(transaction.database(), table.get(), clock.instant());
        for (var group : policy.groups(transaction.extents().of(table.get()))) {
            rows += group.stream().mapToLong(Extent::rowCount).sum();
            if (rows > STEP_ROWS_MAX || !isWithin(start, STEP_MAX)) {
                break;
            }
            transaction.extents().merge(table.get(), group);
            hasMerged = true;
        }
        return hasMerged;
    }

    private static boolean isWithin(long startNanos, Duration limit) {
        return System.nanoTime() - startNanos < limit.toNanos();
    }

    /// Waits for a step that is under way.
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Extents are still being merged while the engine closes");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
