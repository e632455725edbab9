package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.plan.Plan.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/// The one writer of a database. Small changes queue up and what waits is committed together; a load works in a transaction
/// of its own and comes here only to commit.
public final class DatabaseWriter {
    private static final int WAITING_MAX = 10_000;
    private static final int GROUP_MAX = 256;
    private static final long LOCK_LOOK_MS = 50;

    private final OpenDatabase open;
    private final ExecutorService threads;
    private final LinkedBlockingDeque<Work> waiting = new LinkedBlockingDeque<>(WAITING_MAX);
    private final Map<String, ReadWriteLock> shapes = new ConcurrentHashMap<>();
    /// Shared by those who change extents or take rows out of them, held alone by who merges extents.
    private final ReadWriteLock extentLists = new ReentrantReadWriteLock();
    private final Object activity = new Object();
    private Connection connection;
    private boolean isActive;
    private boolean isClosed;

    DatabaseWriter(OpenDatabase open, ExecutorService threads) {
        this.open = open;
        this.threads = threads;
    }

    /// Makes a small change and returns when it is durable. To add columns use [#reshape].
    public <R> R change(Change<R> change) {
        var task = new Task<>(change, ChangeOrigin.current());
        return WriteStop.current().committing(() -> {
            submit(task);
            return await(task.done);
        });
    }

    /// As [#change], on nobody's behalf: no request's end stops it, and none is told of it.
    <R> R changeUnasked(Change<R> change) {
        var task = new Task<>(change, ChangeOrigin.CLUSTER);
        submit(task);
        return await(task.done);
    }

    /// Makes a change that may add columns to a table: it waits for the loads into that table, and they for it.
    public <R> R reshape(TableId table, Change<R> change) {
        return reshape(List.of(table), change);
    }

    /// As [#reshape(TableId, Change)], for several tables.
    public <R> R reshape(List<TableId> tables, Change<R> change) {
        // In one order, so that two such changes never wait for each other.
        var locks = tables.stream()
                .map(TableId::tableId).distinct().sorted().<Lock>map(id -> shape(id).writeLock()).toList();
        lock(locks);
        try {
            return change(change);
        } finally {
            locks.forEach(Lock::unlock);
        }
    }

    /// Runs long work, such as loading files into a table, beside the writer, on the caller's thread.
    public <R> R load(TableId table, Change<R> load) {
        return load(table, ReadWriteLock::readLock, load);
    }

    /// As [#load], with no other load into the table beside it: for work that replaces the rows.
    public <R> R loadAlone(TableId table, Change<R> load) {
        return load(table, ReadWriteLock::writeLock, load);
    }

    /// Does work that changes extents there are, or takes rows out of them, while none are merged. Work that has the table for
    /// itself ([#loadAlone]) needs this for other tables only.
    public <R> R withoutMerges(Supplier<R> work) {
        lock(List.of(extentLists.readLock()));
        try {
            return work.get();
        } finally {
            extentLists.readLock().unlock();
        }
    }

    /// Merges extents of a table beside loads into it. Gives way to all else that changes extents or the table's shape, and needs
    /// room on the disk for a while.
    ///
    /// @return nothing where something was in the way
    public <R> Optional<R> mergeIfFree(TableId table, Change<R> merge) {
        if (!open.room().isThere() || !extentLists.writeLock().tryLock()) {
            return Optional.empty();
        }
        try {
            var shape = shape(table).readLock();
            if (!shape.tryLock()) {
                return Optional.empty();
            }
            try {
                return Optional.of(merged(merge));
            } finally {
                shape.unlock();
            }
        } finally {
            extentLists.writeLock().unlock();
        }
    }

    /// As [#mergeIfFree], but waits.
    public <R> R merge(TableId table, Change<R> merge) {
        var locks = List.of(extentLists.writeLock(), shape(table).readLock());
        lock(locks);
        try {
            return merged(merge);
        } finally {
            locks.forEach(Lock::unlock);
        }
    }

    /// Nothing comes to the table, so that nothing follows from it.
    private <R> R merged(Change<R> merge) {
        try (Connection own = open.connect()) {
            return load(own, merge, false, new HashSet<>());
        } catch (SQLException e) {
            throw stopped(e).orElseGet(() -> failure(e));
        } catch (RuntimeException e) {
            throw stopped(e).orElse(e);
        }
    }

    /// What follows from the rows is written in the same transaction, so the tables it goes to are locked as well.
    private <R> R load(TableId table, Function<ReadWriteLock, Lock> kind, Change<R> load) {
        var derived = open.derivations().targets(open.current(), table.name());
        var ids = new TreeSet<>(List.of(table.tableId()));
        derived.forEach(name -> open.current().table(name).ifPresent(target -> ids.add(target.id().tableId())));
        // In one order, so that two loads never wait for each other.
        var locks = ids.stream().map(id -> kind.apply(shape(id))).toList();
        lock(locks);
        try (Connection own = open.connect()) {
            var failed = new HashSet<String>();
            while (true) {
                try {
                    return load(own, load, !derived.isEmpty(), failed);
                } catch (Derivations.Failed e) {
                    failed.add(e.name());
                }
            }
        } catch (SQLException e) {
            throw stopped(e).orElseGet(() -> failure(e));
        } catch (RuntimeException e) {
            throw stopped(e).orElse(e);
        } finally {
            locks.forEach(Lock::unlock);
        }
    }

    /// Takes all, or none when the request is stopped while it waits.
    private static void lock(List<Lock> locks) {
        var stop = WriteStop.current();
        int held = 0;
        try {
            for (; held < locks.size(); held++) {
                while (!locks.get(held).tryLock(LOCK_LOOK_MS, TimeUnit.MILLISECONDS)) {
                    stop.check();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(StorageErrors.closing(), e);
        } finally {
            if (held < locks.size()) {
                locks.subList(0, held).forEach(Lock::unlock);
            }
        }
    }

    /// What a failure of a stopped request is: the reason why it was stopped.
    private static Optional<RuntimeException> stopped(Exception e) {
        return WriteStop.current().reason().map(reason -> new KustoException(reason, e));
    }

    private static <R> R loadDeriving(Derivations derivations, Transaction transaction, Change<R> load, Set<String> failed)
            throws SQLException {
        try (var pending = derivations.begin(transaction)) {
            R result = load.apply(transaction);
            transaction.derives();
            pending.derive(transaction, transaction.extents().opened(), failed);
            return result;
        }
    }

    private <R> R load(Connection own, Change<R> load, boolean derives, Set<String> failed) throws SQLException {
        var stop = WriteStop.current();
        stop.check();
        Jdbc.execute(own, "BEGIN TRANSACTION");
        boolean isCommitted = false;
        var transaction = open.begin(own, open.current(), ChangeOrigin.current());
        try {
            R result = derives
                    ? loadDeriving(open.derivations(), transaction, load, failed)
                    : load.apply(transaction);
            if (transaction.hasWritten()) {
                var commit = new LoadCommit(own, transaction);
                stop.committing(() -> {
                    submit(commit);
                    return await(commit.done);
                });
            } else {
                Jdbc.execute(own, "COMMIT");
            }
            isCommitted = true;
            return result;
        } finally {
            if (!isCommitted) {
                Jdbc.rollback(own);
                if (transaction.hasWritten()) {
                    open.room().isLeft();
                }
            }
            transaction.end(isCommitted);
        }
    }

    /// Waits for what is queued and takes no more.
    void close() {
        synchronized (activity) {
            isClosed = true;
            while (isActive) {
                try {
                    activity.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
        }
        if (connection != null) {
            Jdbc.closeQuietly(connection);
        }
    }

    private ReadWriteLock shape(TableId table) {
        return shape(table.tableId());
    }

    private ReadWriteLock shape(String tableId) {
        return shapes.computeIfAbsent(tableId, _ -> new ReentrantReadWriteLock());
    }

    private void submit(Work work) {
        synchronized (activity) {
            if (isClosed) {
                throw new KustoException(StorageErrors.closing());
            }
            if (!waiting.offer(work)) {
                throw new KustoException(StorageErrors.tooManyWriters(WAITING_MAX));
            }
            if (!isActive) {
                isActive = true;
                threads.execute(this::drain);
            }
        }
    }

    private void drain() {
        while (true) {
            var group = new ArrayList<Task<?>>();
            Work next = waiting.poll();
            while (next instanceof Task<?> task) {
                group.add(task);
                next = group.size() < GROUP_MAX ? waiting.poll() : null;
            }
            if (!group.isEmpty()) {
                run(group);
            }
            if (next instanceof LoadCommit commit) {
                run(commit);
            }
            if (next == null && group.isEmpty()) {
                synchronized (activity) {
                    if (waiting.isEmpty()) {
                        isActive = false;
                        activity.notifyAll();
                        return;
                    }
                }
            }
        }
    }

    private void run(List<Task<?>> group) {
        try {
            if (connection == null) {
                connection = open.connect();
            }
            if (!commitTogether(group)) {
                for (Task<?> task : group) {
                    // The caller of one that failed before it wrote has been told so.
                    if (!task.done.isDone()) {
                        commitTogether(List.of(task));
                    }
                }
            }
        } catch (SQLException | RuntimeException | Error e) {
            group.forEach(task -> task.done.completeExceptionally(e));
            if (connection != null) {
                Jdbc.closeQuietly(connection);
                connection = null;
            }
        }
    }

    /// @return whether every task has its answer; false means that one failed after it wrote, and nothing is committed
    private boolean commitTogether(List<Task<?>> group) throws SQLException {
        var begun = new ArrayList<Transaction>();
        var committed = new HashSet<Transaction>();
        try {
            return commitTogether(group, begun, committed);
        } finally {
            begun.forEach(transaction -> transaction.end(committed.contains(transaction)));
        }
    }

    private boolean commitTogether(List<Task<?>> group, List<Transaction> begun, Set<Transaction> committed)
            throws SQLException {
        Jdbc.execute(connection, "BEGIN TRANSACTION");
        Database state = open.current();
        var finished = new ArrayList<Task<?>>();
        var transactions = new ArrayList<Transaction>();
        for (Task<?> task : group) {
            var transaction = open.begin(connection, state, task.origin);
            begun.add(transaction);
            try {
                task.run(transaction);
                state = transaction.finish(state);
                transactions.add(transaction);
                finished.add(task);
            } catch (SQLException | RuntimeException | Error e) {
                if (!transaction.hasWritten() && !(e instanceof SQLException)) {
                    task.done.completeExceptionally(e);
                    continue;
                }
                Jdbc.rollback(connection);
                if (group.size() > 1) {
                    return false;
                }
                task.done.completeExceptionally(e);
                return true;
            }
        }
        try {
            open.commit(connection, transactions, state);
        } catch (SQLException e) {
            Jdbc.rollback(connection);
            if (finished.size() > 1) {
                return false;
            }
            finished.forEach(task -> task.done.completeExceptionally(e));
            return true;
        }
        committed.addAll(transactions);
        finished.forEach(Task::complete);
        return true;
    }

    private void run(LoadCommit commit) {
        try {
            Database after = commit.transaction.finish(open.current());
            open.commit(commit.connection, List.of(commit.transaction), after);
            commit.done.complete(null);
        } catch (SQLException | RuntimeException | Error e) {
            commit.done.completeExceptionally(e);
        }
    }

    private <R> R await(CompletableFuture<R> done) {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw switch (e.getCause()) {
                case KustoException known -> new KustoException(known.error(), known);
                case SQLException sql -> failure(sql);
                case RuntimeException other -> other;
                case Throwable other -> new IllegalStateException(other);
            };
        }
    }

    private KustoException failure(SQLException e) {
        open.noteFailure(e);
        return new KustoException(open.room().ofMemory(e).orElseGet(() -> StorageErrors.failed("Storage failed", e)), e);
    }

    private sealed interface Work {}

    private static final class Task<R> implements Work {
        private final Change<R> change;
        private final ChangeOrigin origin;
        private final CompletableFuture<R> done = new CompletableFuture<>();
        private R result;

        Task(Change<R> change, ChangeOrigin origin) {
            this.change = change;
            this.origin = origin;
        }

        void run(Transaction transaction) throws SQLException {
            result = change.apply(transaction);
        }

        void complete() {
            done.complete(result);
        }
    }

    private static final class LoadCommit implements Work {
        private final Connection connection;
        private final Transaction transaction;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        LoadCommit(Connection connection, Transaction transaction) {
            this.connection = connection;
            this.transaction = transaction;
        }
    }
}
