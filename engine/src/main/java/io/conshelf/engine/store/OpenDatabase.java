package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A database while it is attached: its current schema, its writer and its row store.
final class OpenDatabase {
    private static final int EDITS_TO_COMPACT = 1_000;

    private final DuckInstance duck;
    private final CommitClock clock;
    private final CommitHorizon horizon;
    private final Consumer<Database> publish;
    private final Supplier<Derivations> derivations;
    private final WorkLog workLog;
    private final Readers readers;
    private final RowFunction rowFunction;
    private final DatabaseRoom room;
    private final DatabaseWriter writer;
    private final RowStore rowStore = new RowStore();
    private final StreamIntake intake;
    // Held shared while a reader pairs DuckDB's view with the row store's, exclusively while rows move between the two.
    private final ReentrantReadWriteLock moving = new ReentrantReadWriteLock();
    private final List<Discarded> discarded = new ArrayList<>();
    private final KnownStatistics statistics = new KnownStatistics();
    private volatile Database current;
    private volatile boolean isInvalidated;
    private long editsSinceCompaction;

    OpenDatabase(
            DuckInstance duck,
            CommitClock clock,
            Database database,
            ExecutorService threads,
            Readers readers,
            RowFunction rowFunction,
            DatabaseRoom room,
            Optional<LogFile> log,
            Consumer<Database> publish,
            Supplier<Derivations> derivations,
            WorkLog workLog) {
        this.duck = duck;
        this.clock = clock;
        this.horizon = new CommitHorizon(clock);
        this.current = database;
        this.readers = readers;
        this.rowFunction = rowFunction;
        this.room = room;
        this.publish = publish;
        this.derivations = derivations;
        this.workLog = workLog;
        this.writer = new DatabaseWriter(this, threads);
        this.intake = log.isEmpty()
                ? new StreamIntake(this, rowFunction, rowStore, Optional.empty())
                : recovered(log.get());
    }

    /// Where a database's row log is, and its first segment with rows that are not sealed.
    record LogFile(Path folder, long firstUnsealedSegment) {}

    private StreamIntake recovered(LogFile file) {
        var records = new ArrayList<RowRecord>();
        RowLog log;
        try {
            log = RowLog.open(file.folder(), id() + ".rows", file.firstUnsealedSegment(), records::add);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The row log of database '" + current.name() + "' cannot be opened: " + e.getMessage(), e);
        }
        var recovered = new StreamIntake(this, rowFunction, rowStore, Optional.of(log));
        records.forEach(recovered::replay);
        horizon.advanceTo(clock.last());
        return recovered;
    }

    String id() {
        return current.id();
    }

    Database current() {
        return current;
    }

    Transaction begin(Connection connection, Database state, ChangeOrigin origin) {
        return new Transaction(connection, clock, horizon, rowFunction, room, state, new TransactionLog(workLog, origin));
    }

    Derivations derivations() {
        return derivations.get();
    }

    CommitClock clock() {
        return clock;
    }

    KnownStatistics statistics() {
        return statistics;
    }

    CommitHorizon horizon() {
        return horizon;
    }

    DatabaseWriter writer() {
        return writer;
    }

    RowStore rowStore() {
        return rowStore;
    }

    DatabaseRoom room() {
        return room;
    }

    /// Looks whether a failure is one after which the file must be attached anew.
    void noteFailure(SQLException failure) {
        if (DiskTrouble.isInvalidated(String.valueOf(failure.getMessage()))) {
            isInvalidated = true;
        }
    }

    boolean isInvalidated() {
        return isInvalidated;
    }

    /// Makes streamed rows durable and visible.
    void stream(Table table, List<Rows> parts, long originalBytes, String sourceId) {
        // Neither the table's storage nor its existence changes between the look at it and the rows' being there.
        moving.readLock().lock();
        try {
            Table now = current.table(table.id())
                    .orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(table.name())));
            intake.add(now, parts, originalBytes, sourceId);
        } finally {
            moving.readLock().unlock();
        }
        if (rowStore.isFull()) {
            intake.sealIfDue(clock.nowTicks());
        }
    }

    StreamIntake intake() {
        return intake;
    }

    ReentrantReadWriteLock.ReadLock stillness() {
        return moving.readLock();
    }

    /// What is not sealed, at the moment at which a connection's transaction sees the file.
    StreamIntake.Unsealed unsealedAt(Connection connection) throws SQLException {
        moving.writeLock().lock();
        try {
            // DuckDB sees a database as it is when the transaction first touches it.
            Jdbc.execute(connection, "SELECT version FROM " + id() + ".conshelf.format LIMIT 0");
            return intake.unsealed();
        } finally {
            moving.writeLock().unlock();
        }
    }

    Connection connect() throws SQLException {
        return duck.connect();
    }

    /// Commits and makes it known. Only the writer calls this.
    void commit(Connection connection, List<Transaction> transactions, Database after) throws SQLException {
        boolean movesRows = transactions.stream()
                .anyMatch(t -> !t.afterCommit().isEmpty() || !t.discardedRows().isEmpty());
        if (movesRows) {
            moving.writeLock().lock();
        }
        statistics.committing();
        try {
            Jdbc.execute(connection, "COMMIT");
            transactions.forEach(Transaction::committed);
            if (after != current) {
                current = after;
                publish.accept(after);
            }
            transactions.forEach(t -> rowStore.discard(t.discardedRows()));
            transactions.forEach(t -> t.afterCommit().forEach(Runnable::run));
        } finally {
            statistics.committed();
            if (movesRows) {
                moving.writeLock().unlock();
            }
        }
        long stamp = readers.stamp();
        transactions.forEach(t -> t.discardedRows().forEach(rows -> discarded.add(new Discarded(rows, stamp))));
        dropDiscarded(connection);
        if (transactions.stream().anyMatch(Transaction::hasFreed)) {
            room.isLeft();
        }
        compactSometimes(connection, transactions);
    }

    private void compactSometimes(Connection connection, List<Transaction> transactions) {
        editsSinceCompaction += transactions.stream().filter(Transaction::hasEdits).count();
        if (editsSinceCompaction > EDITS_TO_COMPACT) {
            editsSinceCompaction = 0;
            try {
                DatabaseFile.compact(connection, id());
            } catch (SQLException _) {
                // What is not forgotten now is so later.
                return;
            }
        }
    }

    // Storage tables that were dropped or replaced go once no reader can have them in its snapshot any more.
    private void dropDiscarded(Connection connection) {
        long oldest = readers.oldest();
        for (var all = discarded.iterator(); all.hasNext(); ) {
            Discarded next = all.next();
            if (next.stamp() < oldest) {
                try {
                    Jdbc.execute(connection, "DROP TABLE " + id() + ".data." + next.rows());
                } catch (SQLException _) {
                    // A load that will be refused still writes to it; opening the database drops what is left.
                    continue;
                }
                all.remove();
            }
        }
    }

    private record Discarded(String rows, long stamp) {}
}
