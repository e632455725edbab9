package io.conshelf.engine.store;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Repeated;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.kql.plan.Plan.TableId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All databases of a cluster: the door to everything that is stored.
///
/// With a data folder there is a file a database in `databases/` and the system store in `system.duckdb`; without one all of
/// it is in memory.
public final class Storage implements AutoCloseable {
    /// The database that always exists.
    public static final String DEFAULT_DATABASE = "NetDefaultDB";

    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);
    static final String DATABASES = "databases";
    static final String SYSTEM_FILE = "system.duckdb";
    private static final String DISABLED_PLUGINS = "disabled-plugins";
    private static final Duration SEAL_LOOK_EVERY = Duration.ofSeconds(1);
    private static final String ROOM_IS_NOT_FREE = "The room of rows that are gone from database '{}' is not free yet: {}";

    private final EngineConfig config;
    private final DuckInstance duck;
    private final RowFunction rowFunction;
    private final SystemStore system;
    private final ClusterRoles clusterRoles;
    private final ClusterPolicies clusterPolicies;
    private final WorkloadGroups workloadGroups;
    private final DiskRoom room;
    private final DiskWatch diskWatch;
    private final MergeFigures mergeFigures = new MergeFigures();
    private final Optional<FolderLock> lock;
    private final Readers readers = new Readers();
    private final ExecutorService writerThreads =
            Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("conshelf-writer-", 0).factory());
    private final ScheduledExecutorService sealing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-seal-timer").factory());
    private final Map<String, OpenDatabase> open = new ConcurrentSkipListMap<>();
    private final Object publishing = new Object();
    // By id, for what takes a database's file away and brings it back; taken before `publishing`.
    private final Map<String, Object> lifecycles = new ConcurrentHashMap<>();
    private final WorkLog log;
    private final IngestionFailures ingestionFailures;
    private volatile Derivations derivations = Derivations.NONE;
    private volatile Snapshot snapshot = new Snapshot(new TreeMap<>(), new TreeMap<>(), Set.of());

    private Storage(EngineConfig config, DuckInstance duck, RowFunction rowFunction, SystemStore system, DiskRoom room, Optional<FolderLock> lock) {
        this.lock = lock;
        this.config = config;
        this.room = room;
        this.diskWatch = new DiskWatch(room);
        this.duck = duck;
        this.rowFunction = rowFunction;
        this.system = system;
        this.log = new WorkLog(this, duck);
        this.clusterRoles = new ClusterRoles(system, log);
        this.clusterPolicies = new ClusterPolicies(system, log);
        this.workloadGroups = new WorkloadGroups(system, log);
        this.ingestionFailures = new IngestionFailures(this, log);
        this.snapshot = snapshot.withDisabledPlugins(system.all(DISABLED_PLUGINS).keySet());
    }

    /// Opens what the configuration names on a DuckDB of its own, and creates the databases it asks for.
    public static Storage open(EngineConfig config, DuckInstance duck) {
        Optional<FolderLock> lock = config.dataFolder().map(FolderLock::take);
        boolean isOpen = false;
        try {
            RowFunction rowFunction;
            try (Connection connection = duck.connect()) {
                rowFunction = RowFunction.register(connection);
            }
            SystemStore system;
            DiskRoom room;
            if (config.dataFolder().isPresent()) {
                Path databases = Files.createDirectories(config.dataFolder().get().resolve(DATABASES));
                system = SystemStore.in(duck, systemFile(config.dataFolder().get(), databases));
                room = DiskRoom.of(databases);
            } else {
                system = SystemStore.inMemory(duck);
                room = DiskRoom.inMemory();
            }
            var storage = new Storage(config, duck, rowFunction, system, room, lock);
            try (Connection connection = duck.connect()) {
                storage.log.opened(connection, LogHome.CLUSTER);
            }
            storage.opening().openAll(storage.system.all(DATABASES));
            storage.createMissing(DEFAULT_DATABASE);
            config.databases().forEach(storage::createMissing);
            storage.log.start();
            Repeated.start(storage.sealing, SEAL_LOOK_EVERY, "Sealing", storage::sealWhatIsDue);
            isOpen = true;
            return storage;
        } catch (UnusableFileException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (SQLException e) {
            throw new IllegalStateException("The stored databases cannot be opened: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException(UnusableFileException.unreachable(
                    "data folder", config.dataFolder().orElseThrow(), e).getMessage(), e);
        } finally {
            if (!isOpen) {
                lock.ifPresent(FolderLock::close);
            }
        }
    }

    /// Without it nothing says which files are databases, so a new one is begun only where there are none.
    private static Path systemFile(Path folder, Path databases) throws IOException, UnusableFileException {
        Path file = folder.resolve(SYSTEM_FILE);
        if (!Files.exists(file)) {
            try (var files = Files.newDirectoryStream(databases, "*.duckdb")) {
                if (files.iterator().hasNext()) {
                    throw UnusableFileException.missing("system store", file);
                }
            }
        }
        return file;
    }

    /// All schemas as they are now.
    public Snapshot snapshot() {
        return snapshot;
    }

    /// Begins reading through a connection that has no transaction.
    public Reading read(Connection connection) throws SQLException {
        return StorageReading.open(connection, this, rowFunction, readers);
    }

    /// The same, but with a transaction only where [Reading#holdMoment] asks for one, or rows wait to be sealed.
    public Reading readLazily(Reading.Source source) throws SQLException {
        return StorageReading.openLazily(source, this, rowFunction, readers);
    }

    /// Begins reading inside a transaction that has not changed anything yet: what it writes later may depend on what is read.
    /// Closing the reading leaves the transaction open.
    public Reading readWithin(Transaction transaction) throws SQLException {
        return StorageReading.openWithin(transaction.connection(), this, rowFunction, readers);
    }

    /// As [#readWithin], with a row's number where a query asks for its extent's id: what [Transaction#deleteRows] takes.
    public Reading readNumbered(Transaction transaction, Table table) throws SQLException {
        return new NumberedRows(readWithin(transaction), table);
    }

    /// A commit up to which the rows of a table are complete: every reading that begins from now on has them, and none with
    /// such a commit will come.
    public long committedTo(TableId table) {
        return Optional.ofNullable(open.get(table.databaseId()))
                .map(database -> database.horizon().of(table.tableId()))
                .orElse(0L);
    }

    /// Takes what was purged out of a database's file.
    ///
    /// @param patience for so long queries are waited for that may still read it, in all
    /// @return whether it is gone; if not, somebody still reads it or writes beside it, and it is to be tried again
    public boolean erase(String database, Duration patience) {
        return Erasure.erase(openDatabase(database), patience);
    }

    boolean erase(String database, Duration patience, Erasure.Steps steps) {
        return Erasure.erase(openDatabase(database), patience, steps);
    }

    /// The writer of a database, by name.
    public DatabaseWriter writer(String database) {
        return openDatabase(database).writer();
    }

    /// What follows from new rows, from now on.
    public void derive(Derivations from) {
        derivations = from;
    }

    /// Whether rows that come to a table bring rows to others.
    public boolean isSource(Database database, Table table) {
        return !derivations.targets(database, table.name()).isEmpty();
    }

    /// What is remembered of what was done.
    public WorkLog log() {
        return log;
    }

    /// Ingestion that failed.
    public IngestionFailures ingestionFailures() {
        return ingestionFailures;
    }

    /// Makes streamed rows of a table durable and visible; they are sealed into an extent later.
    ///
    /// @param originalBytes size of the data as it came in
    /// @param sourceId      the client's id of the content, empty if it has none; the same id again changes nothing
    public void stream(Table table, List<Rows> rows, long originalBytes, String sourceId) {
        OpenDatabase database = Optional.ofNullable(open.get(table.id().databaseId()))
                .orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(table.name())));
        database.stream(table, rows, originalBytes, sourceId);
    }

    /// Lets queries use a plugin, or keeps them from it; durable when it returns.
    public void setPluginEnabled(String name, boolean isEnabled) {
        synchronized (publishing) {
            system.govern(DISABLED_PLUGINS, name, isEnabled ? Optional.empty() : Optional.of("{}"), log);
            snapshot = snapshot.withDisabledPlugins(system.all(DISABLED_PLUGINS).keySet());
        }
    }

    public ClusterPolicies clusterPolicies() {
        return clusterPolicies;
    }

    public WorkloadGroups workloadGroups() {
        return workloadGroups;
    }

    public MergeFigures mergeFigures() {
        return mergeFigures;
    }

    /// Who holds roles on all databases.
    public ClusterRoles clusterRoles() {
        return clusterRoles;
    }

    /// Takes away what a principal leaves behind that is no more: what it was granted, and results that were stored for it alone.
    ///
    /// @throws KustoException when a database cannot be used now; of the others it is taken away all the same
    public void forget(Principal departed) {
        new Departure(this, departed).take();
    }

    /// What spans databases.
    public SystemStore system() {
        return system;
    }

    /// The extents of a table, oldest first.
    public List<Extent> extents(Table table) {
        try (Connection connection = duck.connect()) {
            return Extents.of(connection, table);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /// What a table's extents add up to: looked up once for as long as nothing is committed to its database.
    public TableStatistics statistics(Table table) {
        var database = open.get(table.id().databaseId());
        return database == null
                ? TableStatistics.of(extents(table))
                : database.statistics().of(table, () -> TableStatistics.of(extents(table)));
    }

    /// What a table's extents add up to, where its database is still in this state.
    Optional<TableStatistics> statistics(Table table, long state) {
        var database = open.get(table.id().databaseId());
        // What is wrong with a file is told by reading it.
        return database == null || database.isInvalidated()
                ? Optional.empty()
                : database.statistics().exact(state, table, () -> TableStatistics.of(extents(table)));
    }

    /// What is remembered of a database that is open.
    Optional<KnownStatistics> known(String databaseId) {
        return Optional.ofNullable(open.get(databaseId)).map(OpenDatabase::statistics);
    }

    /// How much of their original size the rows of a database take in its files: at most 1, which it also is in memory. It is one
    /// figure for all tables, as the file tells no other without being walked through.
    public double storedPart(Database database) {
        long original = database.tables().stream().mapToLong(table -> statistics(table).originalBytes()).sum();
        try (Connection connection = duck.connect()) {
            long stored = StoredSize.bytes(connection, database);
            return stored == 0 || stored >= original ? 1 : (double) stored / original;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    /// Creates an empty database. Names ignore case.
    public Database createDatabase(String name) {
        EntityNames.checked("database", name);
        synchronized (publishing) {
            if (isThere(name)) {
                throw new KustoException(StorageErrors.entityExists("Database", name));
            }
            UUID guid = UUID.randomUUID();
            String id = "d" + guid.toString().replace("-", "");
            var database = new Database(
                    id, name, "", guid, 1, new TreeMap<>(), new TreeMap<>(), Map.of(), List.of(), List.of(), new TreeMap<>(),
                    new TreeMap<>(), new TreeMap<>(), Externals.NONE, Upkeep.NONE, GraphModels.NONE);
            try {
                attachFile(id);
                try (Connection connection = duck.connect()) {
                    Jdbc.execute(connection, "BEGIN TRANSACTION");
                    DatabaseFile.create(connection, database);
                    LogTable.append(connection, LogHome.of(database), List.of(event("CREATE-DATABASE", database)));
                    Jdbc.execute(connection, "COMMIT");
                }
            } catch (SQLException e) {
                throw failure(e);
            }
            // From here on it exists; a crash before leaves a file that nothing names.
            system.put(DATABASES, id, DatabaseOpening.record(name));
            add(database, 0, 0);
            return database;
        }
    }

    private LogEntry event(String event, Database database) {
        var entry = Journal.database(event, database, ChangeOrigin.current().author());
        return log.entry(LogEntry.Kind.JOURNAL, "", true, entry.toJson());
    }

    /// Drops a database with all it holds.
    public void dropDatabase(String name) {
        String id = openDatabase(name).id();
        synchronized (lifecycle(id)) {
            drop(name, id);
        }
        lifecycles.remove(id);
    }

    private Object lifecycle(String id) {
        return lifecycles.computeIfAbsent(id, _ -> new Object());
    }

    private void drop(String name, String id) {
        OpenDatabase database;
        synchronized (publishing) {
            database = openDatabase(name);
            if (!database.id().equals(id)) {
                throw new KustoException(StorageErrors.databaseNotFound(name)); // dropped and made anew since
            }
            if (database.current().name().equals(DEFAULT_DATABASE)) {
                throw new KustoException(
                        StorageErrors.badSchema("the database '" + DEFAULT_DATABASE + "' cannot be dropped"));
            }
            system.remove(DATABASES, database.id(), List.of(event("DROP-DATABASE", database.current())));
            open.remove(database.id());
            snapshot = snapshot.without(database.current().name());
        }
        database.writer().close();
        database.room().close();
        database.intake().delete();
        try {
            duck.detach(database.id());
            if (config.dataFolder().isPresent()) {
                Files.deleteIfExists(file(database.id()));
                // What a failed checkpoint has left.
                for (Path log : DuckInstance.writeAheadLogs(file(database.id()))) {
                    Files.deleteIfExists(log);
                }
            }
        } catch (SQLException e) {
            throw failure(e);
        } catch (IOException e) {
            throw new UncheckedIOException("The file of the dropped database stays: " + e.getMessage(), e);
        }
    }

    private void refreshViews(OpenDatabase database) {
        try (Connection connection = duck.connect()) {
            NamedViews.refresh(connection, database.current());
        } catch (SQLException e) {
            LOG.warn("The views of database '{}' for other tools are not up to date: {}", database.current().name(),
                    e.getMessage());
        }
    }

    private void sealWhatIsDue() {
        long now = Moments.ticks(config.clock().instant());
        for (OpenDatabase database : open.values()) {
            // Neither the other databases nor what else is due wait for what fails.
            if (database.isInvalidated()) {
                attempt("The file of database '{}' is not open again yet: {}", database, () -> reopen(database));
                continue;
            }
            attempt("Streamed rows of database '{}' are not sealed yet: {}", database, () -> database.intake().sealIfDue(now));
            attempt(ROOM_IS_NOT_FREE, database, () -> {
                if (database.room().isDue()) {
                    writerThreads.execute(() -> attempt(ROOM_IS_NOT_FREE, database, () -> database.room().reclaim(database)));
                }
            });
        }
    }

    private static void attempt(String failure, OpenDatabase database, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.warn(failure, database.current().name(), e.getMessage());
        }
    }

    /// Attaches the file of a database anew, after a failed write made DuckDB take nothing more for it. All that was
    /// acknowledged is in the file and the logs beside it. While that does not succeed it is tried again.
    void reopen(OpenDatabase database) {
        synchronized (lifecycle(database.id())) {
            reopenUnlessDropped(database);
        }
    }

    private void reopenUnlessDropped(OpenDatabase database) {
        String id = database.id();
        String name = database.current().name();
        synchronized (publishing) {
            if (open.get(id) != database) {
                return;
            }
            snapshot = snapshot.withUnavailable(
                    name, StorageErrors.databaseUnavailable(name, "its file is opened again after a failed write."));
        }
        database.writer().close();
        database.room().close();
        database.intake().close();
        try {
            duck.detach(id);
        } catch (SQLException _) {
            // An earlier attempt did.
        }
        open.remove(id);
        try {
            opening().openAll(Map.of(id, DatabaseOpening.record(name)));
        } catch (SQLException e) {
            throw failure(e);
        } finally {
            // While it is not open this one stands for it, to be tried again.
            open.putIfAbsent(id, database);
        }
    }

    /// Moves all streamed rows of a database into extents now, instead of when they are many or old.
    public void seal(String database) {
        openDatabase(database).intake().seal();
    }

    /// Copies all databases and the system store into a folder, laid out as a data folder is: each as it is at one moment, while
    /// they are used. What is begun before this is called and committed after is in it or not; what was acknowledged before is.
    ///
    /// @param target an empty folder inside one that the configuration allows
    public void backup(Path target) {
        Snapshot now = snapshot;
        if (!now.unavailable().isEmpty()) {
            throw new KustoException(now.unavailable().values().iterator().next());
        }
        try {
            DatabaseBackup.write(duck, this, target);
        } catch (SQLException e) {
            throw failure(e);
        } catch (IOException e) {
            throw new KustoException(StorageErrors.failed("The backup cannot be written", e), e);
        }
    }

    /// The newest format of a database's file that this release reads, and the one it writes.
    public static int databaseFormat() {
        return FileFormat.DATABASE.newest();
    }

    /// As [#databaseFormat], of the system store.
    public static int systemStoreFormat() {
        return FileFormat.SYSTEM_STORE.newest();
    }

    Collection<OpenDatabase> openDatabases() {
        return open.values();
    }

    OpenDatabase openDatabase(String name) {
        return Optional.ofNullable(open.get(snapshot.existing(name).id()))
                .orElseThrow(() -> new KustoException(StorageErrors.databaseNotFound(name)));
    }

    DatabaseWriter writerById(String databaseId) {
        return Optional.ofNullable(open.get(databaseId))
                .orElseThrow(() -> new KustoException(StorageErrors.databaseNotFound(databaseId)))
                .writer();
    }

    long nowTicks() {
        return Moments.ticks(config.clock().instant());
    }

    private void createMissing(String name) {
        if (!isThere(name)) {
            createDatabase(name);
        }
    }

    private boolean isThere(String name) {
        return snapshot.database(name).isPresent() || snapshot.whyUnavailable(name).isPresent();
    }

    private DatabaseOpening opening() {
        return new DatabaseOpening(duck, log, system, config.clock(), this::file, writerThreads, new DatabaseOpening.Host() {
            @Override
            public StreamIntake opened(Database database, long lastCommit, long firstUnsealedSegment) {
                add(database, lastCommit, firstUnsealedSegment);
                return open.get(database.id()).intake();
            }

            @Override
            public void unavailable(String name, String reason) {
                LOG.error("Database '{}' is not available: {}", name, reason);
                synchronized (publishing) {
                    snapshot = snapshot.withUnavailable(name, StorageErrors.databaseUnavailable(name, reason));
                }
            }
        });
    }

    private void attachFile(String id) throws SQLException {
        if (config.dataFolder().isPresent()) {
            duck.attach(file(id), id);
        } else {
            duck.attachInMemory(id);
        }
    }

    private Path file(String id) {
        return config.dataFolder().orElseThrow().resolve(DATABASES).resolve(id + ".duckdb");
    }

    private void add(Database database, long lastCommit, long firstUnsealedSegment) {
        var clock = new CommitClock(config.clock(), lastCommit);
        open.put(database.id(), new OpenDatabase(
                duck, clock, database, writerThreads, readers, rowFunction,
                new DatabaseRoom(room, diskWatch, duck, readers, database.id()),
                config.dataFolder().map(f -> new OpenDatabase.LogFile(f.resolve(DATABASES), firstUnsealedSegment)), this::publish,
                () -> derivations, log));
        publish(database);
    }

    private void publish(Database database) {
        synchronized (publishing) {
            if (!open.containsKey(database.id())) {
                return; // a change that was queued when it was dropped
            }
            snapshot = snapshot.with(database);
        }
    }

    private void close(OpenDatabase database) {
        try {
            if (config.dataFolder().isPresent()) {
                database.intake().seal();
                refreshViews(database);
            }
        } catch (RuntimeException e) {
            LOG.warn("Streamed rows of database '{}' are not sealed; they stay in its row log: {}", database.current().name(), e.getMessage());
        }
        database.writer().close();
        database.room().close();
        database.intake().close();
    }

    private void detachQuietly(String alias) {
        try {
            duck.detach(alias);
        } catch (SQLException e) {
            LOG.warn("'{}' is not checkpointed; its log is read at the next start: {}", alias, e.getMessage());
        }
    }

    private static KustoException failure(SQLException e) {
        return new KustoException(StorageErrors.failed("Storage failed", e), e);
    }

    /// Seals what was streamed and commits what is queued. The DuckDB instance stays open.
    @Override
    public void close() {
        sealing.shutdownNow();
        log.close();
        DatabaseOpening.sideBySide(open.values(), this::close);
        system.close();
        diskWatch.close();
        lock.ifPresent(held -> {
            // The files first: whoever has the lock finds them free.
            DatabaseOpening.sideBySide(open.keySet(), this::detachQuietly);
            detachQuietly(SystemStore.ALIAS);
            held.close();
        });
        writerThreads.shutdown();
    }
}
