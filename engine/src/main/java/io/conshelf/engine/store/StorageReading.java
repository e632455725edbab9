package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.kql.plan.Plan.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

final class StorageReading implements Reading {
    private static final String HIDDEN = Table.INGESTED_COLUMN + ", " + Table.COMMIT_COLUMN;

    private final Connection connection;
    private final Storage storage;
    private final Snapshot snapshot;
    private final Map<String, Map<String, RowStore.Chain>> unsealed;
    private final Map<String, Long> cursors;
    private final RowFunction rows;
    private final Readers readers;
    private final long stamp;
    private final boolean ownsTransaction;
    private final List<Long> tokens = new ArrayList<>();
    private final WriteStop stop = WriteStop.current();
    private final ForeignScans foreign;
    private final Runnable release;
    private final Set<String> databasesRead = new TreeSet<>();
    private final Map<TableId, Long> tablesRead = new LinkedHashMap<>();
    private final List<Runnable> cleanups = new ArrayList<>();
    private boolean isClosed;

    private StorageReading(
            Connection connection,
            Storage storage,
            Snapshot snapshot,
            Map<String, Map<String, RowStore.Chain>> unsealed,
            Map<String, Long> cursors,
            RowFunction rows,
            Readers readers,
            long stamp,
            boolean ownsTransaction) {
        this.connection = connection;
        this.storage = storage;
        this.snapshot = snapshot;
        this.unsealed = unsealed;
        this.cursors = cursors;
        this.rows = rows;
        this.foreign = new ForeignScans(rows);
        this.release = foreign::close;
        stop.whenStopped(release);
        this.readers = readers;
        this.stamp = stamp;
        this.ownsTransaction = ownsTransaction;
    }

    static StorageReading open(Connection connection, Storage storage, RowFunction rows, Readers readers)
            throws SQLException {
        Jdbc.execute(connection, "BEGIN TRANSACTION");
        return open(connection, storage, rows, readers, true);
    }

    static StorageReading openWithin(Connection connection, Storage storage, RowFunction rows, Readers readers)
            throws SQLException {
        return open(connection, storage, rows, readers, false);
    }

    private static StorageReading open(
            Connection connection, Storage storage, RowFunction rows, Readers readers, boolean ownsTransaction)
            throws SQLException {
        long stamp = readers.begin();
        boolean isOpen = false;
        try {
            Snapshot snapshot = storage.snapshot();
            // Before anything is looked at: what a cursor says is complete must be seen.
            var cursors = new HashMap<String, Long>();
            storage.openDatabases().forEach(database -> cursors.put(database.id(), database.horizon().current()));
            var unsealed = new HashMap<String, Map<String, RowStore.Chain>>();
            for (OpenDatabase database : storage.openDatabases()) {
                // DuckDB sees a database as it is when the transaction first touches it. Where all rows are in the file
                // that may be later; where some are not, both views must be of one moment.
                // One that must be opened again cannot be read at all, and others must not suffer from that.
                if (database.rowStore().isEmpty() || database.isInvalidated()) {
                    continue;
                }
                database.stillness().lock();
                try {
                    Jdbc.execute(connection, "SELECT version FROM " + database.id() + ".conshelf.format LIMIT 0");
                    unsealed.put(database.id(), database.rowStore().view());
                } finally {
                    database.stillness().unlock();
                }
            }
            isOpen = true;
            return new StorageReading(connection, storage, snapshot, unsealed, cursors, rows, readers, stamp, ownsTransaction);
        } finally {
            if (!isOpen) {
                readers.end(stamp);
                if (ownsTransaction) {
                    Jdbc.rollback(connection);
                }
            }
        }
    }

    @Override
    public Snapshot snapshot() {
        return snapshot;
    }

    @Override
    public long cursor(String databaseId) {
        return cursors.getOrDefault(databaseId, 0L);
    }

    @Override
    public ViewState viewState(Table part) {
        try {
            return ViewState.read(connection, part);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean hasRows(String sql) {
        try (var statement = connection.createStatement(); var found = statement.executeQuery(sql + " LIMIT 1")) {
            return found.next();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private static KustoException failure(SQLException e) {
        return new KustoException(StorageErrors.internal("Storage failed: " + e.getMessage()), e);
    }

    @Override
    public Set<String> databasesRead() {
        return Set.copyOf(databasesRead);
    }

    @Override
    public Scanned scanned() {
        var scanned = Scanned.NOTHING;
        for (var read : tablesRead.entrySet()) {
            var table = snapshot.table(read.getKey());
            if (table.isPresent()) {
                scanned = scanned.and(known(table.get()), read.getValue());
            }
        }
        return scanned;
    }

    private TableStatistics known(Table table) {
        try {
            return storage.statistics(table);
        } catch (KustoException _) {
            // Whoever reads the rows finds out what is wrong with the file, and says it better.
            return TableStatistics.of(List.of());
        }
    }

    @Override
    public String relation(TableId id) {
        Table table = table(id);
        String extent = Extent.idSql(table) + " AS " + Table.EXTENT_COLUMN + ", ";
        return withUnsealed(table, extent, "CAST('" + Extent.NONE + "' AS UUID), ")
                .orElseGet(() -> "(SELECT " + columns(table) + extent + HIDDEN + " FROM " + sealed(table) + ")");
    }

    @Override
    public String rows(TableId id) {
        Table table = table(id);
        return withUnsealed(table, "", "").orElseGet(() -> sealed(table));
    }

    private Table table(TableId id) {
        return snapshot.table(id)
                .orElseThrow(() -> new IllegalArgumentException("Table " + id + " is not of this snapshot"));
    }

    private static String sealed(Table table) {
        return table.id().databaseId() + ".data." + table.rows();
    }

    private static String columns(Table table) {
        return table.columns().stream().map(column -> column.id() + ", ").collect(Collectors.joining());
    }

    /// The rows, where some of them are not sealed yet.
    ///
    /// @param ofSealed   a select item beside the columns
    /// @param ofUnsealed what stands in its place for rows that are not sealed
    private Optional<String> withUnsealed(Table table, String ofSealed, String ofUnsealed) {
        TableId id = table.id();
        databasesRead.add(id.databaseId());
        List<RowBatch> batches =
                RowStore.batches(unsealed.getOrDefault(id.databaseId(), Map.of()).get(id.tableId()), table.rows());
        tablesRead.put(id, batches.stream().mapToLong(batch -> batch.rows().count()).sum());
        if (batches.isEmpty()) {
            return Optional.empty();
        }
        var view = RowFunction.View.of(table.columns(), batches);
        long token = rows.open(view);
        tokens.add(token);
        return Optional.of("(SELECT " + columns(table) + ofSealed + HIDDEN + " FROM " + sealed(table) + " UNION ALL SELECT "
                + columns(table) + ofUnsealed + HIDDEN + " FROM (" + RowFunction.select(view, token) + "))");
    }

    @Override
    public String relation(List<TableColumn> columns, ForeignRows foreignRows) {
        return foreign.relation(columns, foreignRows);
    }

    @Override
    public WriteStop stop() {
        return stop;
    }

    @Override
    public synchronized void afterwards(Runnable cleanup) {
        cleanups.add(cleanup);
    }

    @Override
    public Optional<KustoException> foreignFailure() {
        return foreign.failure();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            stop.hasEnded(release);
            foreign.close();
            tokens.forEach(rows::close);
            if (ownsTransaction) {
                Jdbc.rollback(connection);
            }
            readers.end(stamp);
            synchronized (this) {
                cleanups.forEach(Runnable::run);
            }
        }
    }
}
