package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.ResultTexts;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;

final class StorageReading implements Reading {
    private static final String HIDDEN = Table.INGESTED_COLUMN + ", " + Table.COMMIT_COLUMN;

    private final Held held;
    private final Storage storage;
    private final Snapshot snapshot;
    private final Map<String, Map<String, RowStore.Chain>> unsealed;
    private final Map<String, Long> states;
    private final Map<String, Long> cursors;
    private final RowFunction rows;
    private final Readers readers;
    private final long stamp;
    private final List<Long> tokens = new ArrayList<>();
    private final WriteStop stop = WriteStop.current();
    private final ForeignScans foreign;
    private final Runnable release;
    private final Set<String> databasesRead = new TreeSet<>();
    private boolean mayRely;
    /// Those of which something was remembered.
    private final Set<String> reliedOn = new TreeSet<>();
    private final Map<TableId, Long> tablesRead = new LinkedHashMap<>();
    private final List<Runnable> cleanups = new ArrayList<>();
    private boolean hasFiles;
    private boolean isClosed;

    private StorageReading(
            Held held,
            Storage storage,
            Snapshot snapshot,
            Map<String, Map<String, RowStore.Chain>> unsealed,
            Map<String, Long> states,
            Map<String, Long> cursors,
            RowFunction rows,
            Readers readers,
            long stamp) {
        this.held = held;
        this.storage = storage;
        this.snapshot = snapshot;
        this.unsealed = unsealed;
        this.states = states;
        this.cursors = cursors;
        this.rows = rows;
        this.foreign = new ForeignScans(rows);
        this.release = foreign::close;
        stop.whenStopped(release);
        this.readers = readers;
        this.stamp = stamp;
    }

    /// With a transaction of its own from the beginning.
    static StorageReading open(Connection connection, Storage storage, RowFunction rows, Readers readers)
            throws SQLException {
        var held = new Held(() -> connection, Held.Transaction.OWN);
        held.connection();
        return open(held, storage, rows, readers);
    }

    /// With a transaction of its own when it is needed: a single statement sees one moment without one.
    static StorageReading openLazily(Reading.Source source, Storage storage, RowFunction rows, Readers readers)
            throws SQLException {
        return open(new Held(source, Held.Transaction.OWN), storage, rows, readers);
    }

    static StorageReading openWithin(Connection connection, Storage storage, RowFunction rows, Readers readers)
            throws SQLException {
        return open(new Held(() -> connection, Held.Transaction.GIVEN), storage, rows, readers);
    }

    /// The connection that is read through, in a transaction that begins when it is first asked for.
    private static final class Held {
        private final Reading.Source source;
        private final Transaction transaction;
        private boolean hasBegun;

        /// Whose the transaction is.
        enum Transaction { OWN, GIVEN }

        Held(Reading.Source source, Transaction transaction) {
            this.source = source;
            this.transaction = transaction;
        }

        Connection connection() throws SQLException {
            Connection connection = source.connection();
            if (transaction == Transaction.OWN && !hasBegun) {
                Jdbc.execute(connection, "BEGIN TRANSACTION");
                hasBegun = true;
            }
            return connection;
        }

        boolean isOwn() {
            return transaction == Transaction.OWN;
        }

        boolean isToCome() {
            return isOwn() && !hasBegun;
        }

        void end() {
            if (hasBegun) {
                hasBegun = false;
                try {
                    Jdbc.rollback(source.connection());
                } catch (SQLException e) {
                    throw new IllegalStateException("a connection was there and is not any more", e);
                }
            }
        }
    }

    private static StorageReading open(Held held, Storage storage, RowFunction rows, Readers readers) throws SQLException {
        long stamp = readers.begin();
        boolean isOpen = false;
        try {
            // What is found to be in such a state later has not changed since before the snapshot.
            var states = new HashMap<String, Long>();
            storage.openDatabases().forEach(database -> states.put(database.id(), database.statistics().state()));
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
                    touch(held.connection(), database.id());
                    unsealed.put(database.id(), database.rowStore().view());
                } finally {
                    database.stillness().unlock();
                }
            }
            isOpen = true;
            return new StorageReading(held, storage, snapshot, unsealed, states, cursors, rows, readers, stamp);
        } finally {
            if (!isOpen) {
                readers.end(stamp);
                held.end();
            }
        }
    }

    /// From here on the connection's transaction sees a database as it is now.
    private static void touch(Connection connection, String database) throws SQLException {
        Jdbc.execute(connection, "SELECT version FROM " + database + ".conshelf.format LIMIT 0");
    }

    @Override
    public void holdMoment() throws SQLException {
        Connection connection = held.connection();
        for (String database : reliedOn) {
            touch(connection, database);
        }
    }

    @Override
    public boolean holdsMoment() {
        return held.hasBegun;
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
            return ViewState.read(held.connection(), part);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean hasRows(String sql) {
        try (var statement = held.connection().createStatement(); var found = statement.executeQuery(sql + " LIMIT 1")) {
            return found.next();
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    @Override
    public List<List<String>> texts(String sql, List<Type> types, int rowsMax) throws SQLException {
        try (var statement = held.connection().unwrap(DuckDBConnection.class).prepare(sql)) {
            return WriteStop.current().during(statement, () -> ResultTexts.of(statement, types, rowsMax));
        }
    }

    private static KustoException failure(SQLException e) {
        return new KustoException(StorageErrors.failed("Storage failed", e), e);
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
        List<RowBatch> batches = unsealed(table);
        tablesRead.put(id, rows(batches));
        if (batches.isEmpty()) {
            return Optional.empty();
        }
        var view = RowFunction.View.of(table.columns(), batches);
        long token = rows.open(view);
        tokens.add(token);
        return Optional.of("(SELECT " + columns(table) + ofSealed + HIDDEN + " FROM " + sealed(table) + " UNION ALL SELECT "
                + columns(table) + ofUnsealed + HIDDEN + " FROM (" + RowFunction.select(view, token) + "))");
    }

    private List<RowBatch> unsealed(Table table) {
        return RowStore.batches(unsealed.getOrDefault(table.id().databaseId(), Map.of()).get(table.id().tableId()), table.rows());
    }

    private static long rows(List<RowBatch> batches) {
        return batches.stream().mapToLong(batch -> batch.rows().count()).sum();
    }

    /// Extents know how many rows they have, and every row that is sealed is in one.
    @Override
    public OptionalLong count(TableId id) {
        Optional<Table> table = snapshot.databaseById(id.databaseId()).flatMap(database -> database.table(id.name()))
                .filter(named -> named.id().equals(id));
        Optional<TableStatistics> sealed = table.filter(_ -> states.containsKey(id.databaseId()))
                .flatMap(known -> storage.statistics(known, states.get(id.databaseId())));
        if (sealed.isEmpty()) {
            return OptionalLong.empty();
        }
        long streamed = rows(unsealed(table.get()));
        databasesRead.add(id.databaseId());
        tablesRead.put(id, streamed);
        return OptionalLong.of(sealed.get().rows() + streamed);
    }

    /// Remembered from another reading of this state, or else asked in the transaction that reads the rows, to which DuckDB's statistics mostly tell
    /// it: neither sees what a later commit brings.
    @Override
    public boolean isWithoutNan(TableId id, String column) {
        Table table = table(id);
        if (!unsealed(table).isEmpty()) {
            return false;
        }
        String database = id.databaseId();
        if (isRemembered(table, column)) {
            return true;
        }
        boolean isWithout = !hasRows("SELECT 1 FROM " + sealed(table) + " WHERE " + column + " = CAST('nan' AS DOUBLE)");
        if (isWithout && isInState(database)) {
            storage.known(database).ifPresent(known -> known.sawWithoutNan(states.get(database), table, column));
        }
        return isWithout;
    }

    private boolean isRemembered(Table table, String column) {
        String database = table.id().databaseId();
        boolean isSeen = unsealed.containsKey(database);
        if (!isInState(database) || !isSeen && !(mayRely && held.isToCome())
                || storage.known(database).filter(known -> known.isWithoutNan(states.get(database), table, column)).isEmpty()) {
            return false;
        }
        if (!isSeen) {
            reliedOn.add(database);
        }
        return true;
    }

    /// Whether nothing was committed to a database since this reading was opened.
    private boolean isInState(String database) {
        Long state = states.get(database);
        return held.isOwn() && state != null && storage.known(database).filter(known -> known.state() == state).isPresent();
    }

    @Override
    public void relyOnMemory() {
        mayRely = true;
    }

    @Override
    public boolean isAsRemembered() {
        return reliedOn.stream().allMatch(this::isInState);
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
    public void readsFiles() {
        hasFiles = true;
    }

    @Override
    public boolean isPlain() {
        return tokens.isEmpty() && !foreign.isUsed() && !hasFiles;
    }

    @Override
    public Optional<KustoException> foreignFailure() {
        return foreign.failure();
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            try {
                stop.hasEnded(release);
                foreign.close();
            } finally {
                tokens.forEach(rows::close);
                endMoment();
            }
            synchronized (this) {
                cleanups.forEach(Runnable::run);
            }
        }
    }

    private void endMoment() {
        try {
            held.end();
        } finally {
            readers.end(stamp);
        }
    }
}
