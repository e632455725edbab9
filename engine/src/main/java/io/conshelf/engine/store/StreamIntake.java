package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way of streamed rows into a database: into the log, then visible in the row store, later sealed into their tables.
final class StreamIntake {
    private static final Logger LOG = LoggerFactory.getLogger(StreamIntake.class);
    static final int SOURCES_REMEMBERED = 100_000;

    private final OpenDatabase database;
    private final RowFunction rowFunction;
    private final RowStore rows;
    // Absent in memory, where nothing outlives the process.
    private final Optional<RowLog> log;
    private final Object orderInMemory = new Object();
    private final Object sealLock = new Object();
    private final AtomicBoolean isSealing = new AtomicBoolean();
    /// Rows were refused for which there may be room when those before them are in the file's free blocks.
    private volatile boolean isDiskShort;
    /// What the log alone remembers: ids of sources whose rows are not sealed, in the order of the log.
    private final ConcurrentLinkedQueue<SourceId> unsealed = new ConcurrentLinkedQueue<>();
    /// Commits of records that failed, which the log may hold nevertheless.
    private final ConcurrentLinkedQueue<Long> doubtful = new ConcurrentLinkedQueue<>();
    private final Map<String, CompletableFuture<Void>> sources = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<Void>> eldest) {
            return size() > SOURCES_REMEMBERED;
        }
    };

    private volatile CompletableFuture<Void> remembered = CompletableFuture.completedFuture(null);

    private record SourceId(String tableId, String id) {}

    StreamIntake(OpenDatabase database, RowFunction rowFunction, RowStore rows, Optional<RowLog> log) {
        this.database = database;
        this.rowFunction = rowFunction;
        this.rows = rows;
        this.log = log;
    }

    /// Takes a request's rows; they are durable and visible when this returns.
    ///
    /// @param storage  the table's, which must not change meanwhile
    /// @param sourceId the client's id of the content, or nothing; rows that came with it before are not taken again
    void add(Table table, List<Rows> parts, long originalBytes, String sourceId) {
        if (sourceId.isEmpty()) {
            append(table, parts, originalBytes, sourceId);
            return;
        }
        awaitOther(remembered);
        var mine = new CompletableFuture<Void>();
        CompletableFuture<Void> before;
        String key = key(table.id().tableId(), sourceId);
        synchronized (sources) {
            before = sources.putIfAbsent(key, mine);
        }
        if (before != null) {
            awaitOther(before);
            return;
        }
        try {
            append(table, parts, originalBytes, sourceId);
            mine.complete(null);
        } catch (RuntimeException | Error e) {
            // Whoever sends it again must not wait for this one.
            synchronized (sources) {
                sources.remove(key);
            }
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private static void awaitOther(CompletableFuture<Void> other) {
        try {
            other.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof KustoException known) {
                throw new KustoException(known.error(), known);
            }
            throw e;
        }
    }

    private static String key(String tableId, String sourceId) {
        return tableId + ' ' + sourceId;
    }

    private void append(Table table, List<Rows> parts, long originalBytes, String sourceId) {
        long unsealedBytes = rows.bytes() + parts.stream().mapToLong(Rows::memoryBytes).sum();
        try {
            database.room().checkLog(unsealedBytes);
        } catch (KustoException e) {
            isDiskShort = true;
            throw e;
        }
        if (unsealedBytes > RowStore.BYTES_MAX) {
            throw new KustoException(StorageErrors.throttledIngestion(RowStore.BYTES_MAX));
        }
        var record = new RowRecord(
                table.id().tableId(), table.rows(), parts, originalBytes, database.clock().nowTicks(), 0, sourceId);
        if (log.isEmpty()) {
            synchronized (orderInMemory) {
                long commit = database.horizon().begin(record.tableId());
                take(record.withCommit(commit));
                database.horizon().end(commit, true);
            }
            return;
        }
        var appended = new Appended(record);
        try {
            log.get().append(appended);
        } catch (IOException e) {
            appended.failed();
            throw new KustoException(StorageErrors.failed("The row log cannot be written", e), e);
        }
    }

    /// A record on its way through the log.
    private final class Appended implements RowLog.Appendix {
        private final RowRecord record;
        private final byte[] bytes;
        private long commit;

        Appended(RowRecord record) {
            this.record = record;
            this.bytes = record.toBytes();
        }

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public byte[] bytes() {
            commit = database.horizon().begin(record.tableId());
            RowRecord.setCommit(bytes, commit);
            return bytes;
        }

        @Override
        public void isDurable() {
            take(record.withCommit(commit));
            database.horizon().end(commit, true);
        }

        /// After a kill its rows may come back with their commit, until the log is mended: no cursor passes it before.
        void failed() {
            if (commit > 0) {
                doubtful.add(commit);
                settleDoubtful();
            }
        }
    }

    private void settleDoubtful() {
        var commits = new ArrayList<Long>();
        for (Long commit = doubtful.poll(); commit != null; commit = doubtful.poll()) {
            commits.add(commit);
        }
        if (commits.isEmpty()) {
            return;
        }
        if (log.orElseThrow().isMended()) {
            commits.forEach(commit -> database.horizon().end(commit, false));
        } else {
            doubtful.addAll(commits);
        }
    }

    private void take(RowRecord record) {
        rows.add(record.batches());
        if (!record.sourceId().isEmpty()) {
            unsealed.add(new SourceId(record.tableId(), record.sourceId()));
        }
    }

    /// Knows the sources again whose rows were sealed before the database was opened. Who streams with a source's id waits for it.
    ///
    /// @param known table ids and source ids, read by another thread
    void remember(CompletableFuture<List<Map.Entry<String, String>>> known) {
        remembered = known.thenAccept(byTable -> {
            synchronized (sources) {
                byTable.forEach(source -> sources.putIfAbsent(
                        key(source.getKey(), source.getValue()), CompletableFuture.completedFuture(null)));
            }
        });
    }

    /// Brings back a record of the log, when the database is opened.
    void replay(RowRecord record) {
        database.clock().advanceTo(record.commit());
        boolean isThere = database.current().tables().stream().anyMatch(t -> t.rows().equals(record.storage()));
        if (isThere) {
            rows.add(record.batches());
        }
        if (!record.sourceId().isEmpty()) {
            unsealed.add(new SourceId(record.tableId(), record.sourceId()));
            synchronized (sources) {
                sources.put(key(record.tableId(), record.sourceId()), CompletableFuture.completedFuture(null));
            }
        }
    }

    /// Begins to seal if there is reason to.
    void sealIfDue(long nowTicks) {
        settleDoubtful();
        boolean isDue = rows.isFull() || isDiskShort && !rows.isEmpty()
                || rows.oldestTicks().filter(oldest -> nowTicks - oldest > RowStore.SEAL_AGE_MS * 10_000).isPresent();
        if (isDue && isSealing.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("conshelf-seal").start(() -> {
                try {
                    // Asked here, as it may wait for DuckDB: nobody else's rows are to wait with it.
                    if (database.room().isThereToSeal(rows.bytes())) {
                        seal();
                    }
                } catch (KustoException e) {
                    // They stay in the log and the row store, and are tried again.
                    LOG.warn("Streamed rows of database '{}' are not sealed: {}", database.current().name(), e.getMessage());
                } finally {
                    isSealing.set(false);
                }
            });
        }
    }

    /// Moves all rows there are into extents of their tables, in one transaction with their place in the log.
    void seal() {
        // One at a time: until a seal is committed another would find the same rows.
        synchronized (sealLock) {
            isDiskShort = false;
            if (!rows.isEmpty()) {
                database.writer().changeUnasked(this::seal);
            }
        }
    }

    private Void seal(Transaction tx) throws SQLException {
        tx.makes(DataOperation.Kind.ROW_STORE_SEAL);
        var view = new View();
        long firstUnsealed = 0;
        if (log.isPresent()) {
            try {
                firstUnsealed = log.get().rotate(() -> view(view));
            } catch (IOException e) {
                throw new KustoException(StorageErrors.failed("The row log cannot be written", e), e);
            }
            DatabaseFile.setFirstUnsealedSegment(tx.connection(), database.id(), firstUnsealed);
        } else {
            synchronized (orderInMemory) {
                view(view);
            }
        }
        for (Table table : tx.database().tables()) {
            List<RowBatch> batches = RowStore.batches(view.chains.get(table.id().tableId()), table.rows());
            if (!batches.isEmpty()) {
                seal(tx, table, batches);
            }
            List<String> ids = view.sources.getOrDefault(table.id().tableId(), List.of());
            if (!ids.isEmpty()) {
                tx.extents().recordSources(table, ids, Optional.empty());
            }
        }
        long kept = firstUnsealed;
        tx.afterCommit(() -> {
            rows.remove(view.chains);
            for (int i = 0; i < view.sourceCount; i++) {
                unsealed.remove();
            }
            log.ifPresent(l -> l.deleteBefore(kept));
        });
        return null;
    }

    private void view(View view) {
        view.chains = rows.view();
        for (SourceId source : unsealed) {
            view.sources.computeIfAbsent(source.tableId(), _ -> new ArrayList<>()).add(source.id());
            view.sourceCount++;
        }
    }

    /// What is streamed and not sealed, oldest first, and the ids of the sources it came from by table. Nothing moves meanwhile.
    Unsealed unsealed() {
        var view = new View();
        view(view);
        var records = new ArrayList<RowRecord>();
        view.chains.values().forEach(chain -> RowStore.batches(chain).forEach(batch -> records.add(RowRecord.of(batch))));
        records.sort(Comparator.comparingLong(RowRecord::commit));
        return new Unsealed(records, view.sources);
    }

    record Unsealed(List<RowRecord> records, Map<String, List<String>> sources) {}

    private static final class View {
        private Map<String, RowStore.Chain> chains = Map.of();
        private final Map<String, List<String>> sources = new HashMap<>();
        private int sourceCount;
    }

    private void seal(Transaction tx, Table table, List<RowBatch> batches) throws SQLException {
        long bytes = batches.stream().mapToLong(RowBatch::originalBytes).sum();
        var view = RowFunction.View.of(table.columns(), batches);
        long token = rowFunction.open(view);
        try {
            tx.extents().openSealed(table, tx.now())
                    .appendKeepingTimes(
                            RowFunction.select(view, token),
                            table.columns().stream().map(TableColumn::id).toList(),
                            bytes);
        } finally {
            rowFunction.close(token);
        }
    }

    void close() {
        // A file that is still read is neither checkpointed nor given up.
        remembered.handle((_, _) -> Optional.empty()).join();
        log.ifPresent(l -> {
            try {
                l.close();
            } catch (IOException e) {
                throw new KustoException(StorageErrors.failed("The row log does not close", e), e);
            }
        });
    }

    /// Deletes what was kept aside of a damaged log.
    void deleteDamaged() throws IOException {
        if (log.isPresent()) {
            log.get().deleteDamaged();
        }
    }

    /// For a database that is being dropped.
    void delete() {
        log.ifPresent(l -> {
            try {
                l.delete();
            } catch (IOException e) {
                throw new KustoException(StorageErrors.internal("The row log stays: " + e.getMessage()), e);
            }
        });
    }
}
