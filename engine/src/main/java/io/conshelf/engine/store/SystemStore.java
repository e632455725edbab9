package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What spans databases: the list of them, and small JSON documents of the services around them (queues, factories, runs).
/// Each write is durable when it returns.
public final class SystemStore implements AutoCloseable {
    static final String ALIAS = "sys";

    private final DuckInstance duck;
    // Absent in memory.
    private final Optional<Path> file;
    private Connection connection;
    private boolean isInvalidated;

    private SystemStore(DuckInstance duck, Optional<Path> file) throws SQLException {
        this.duck = duck;
        this.file = file;
        this.connection = duck.connect();
    }

    /// In memory.
    static SystemStore inMemory(DuckInstance duck) throws SQLException {
        duck.attachInMemory(ALIAS);
        var store = new SystemStore(duck, Optional.empty());
        store.layOut();
        return store;
    }

    /// In a file, which is made where there is none.
    static SystemStore in(DuckInstance duck, Path file) throws SQLException, IOException, UnusableFileException {
        if (!Files.exists(file)) {
            // Under its name it is whole from the first moment, whenever a kill comes.
            Path made = file.resolveSibling(file.getFileName() + ".new");
            Files.deleteIfExists(made);
            for (Path log : DuckInstance.writeAheadLogs(made)) {
                Files.deleteIfExists(log);
            }
            duck.attach(made, ALIAS);
            try (var store = new SystemStore(duck, Optional.of(made))) {
                store.layOut();
                Jdbc.execute(store.connection, "CHECKPOINT " + ALIAS);
            }
            duck.detach(ALIAS);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        }
        StoredFile.attach(duck, file, ALIAS, FileFormat.SYSTEM_STORE);
        return new SystemStore(duck, Optional.of(file));
    }

    /// As the first format, and then as [FileFormat#SYSTEM_STORE] goes on.
    private void layOut() {
        inTransaction(() -> {
            Jdbc.execute(connection, "CREATE TABLE " + ALIAS
                    + ".main.documents (collection VARCHAR, key VARCHAR, json VARCHAR)");
            FileFormat.SYSTEM_STORE.bringUp(connection, ALIAS, 1);
        });
    }

    /// Attaches the file anew, after a failed write made DuckDB take nothing more for it.
    private void reopen() throws SQLException {
        if (!isInvalidated || file.isEmpty()) {
            return;
        }
        Jdbc.closeQuietly(connection);
        try {
            duck.detach(ALIAS);
        } catch (SQLException _) {
            // An earlier attempt did.
        }
        duck.attach(file.get(), ALIAS);
        connection = duck.connect();
        isInvalidated = false;
    }

    /// Creates or replaces a document.
    public synchronized void put(String collection, String key, String json) {
        inTransaction(() -> {
            delete(collection, key);
            insert(collection, key, json);
        });
    }

    private void insert(String collection, String key, String json) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + ALIAS + ".main.documents VALUES (?, ?, ?)")) {
            insert.setString(1, collection);
            insert.setString(2, key);
            insert.setString(3, json);
            insert.executeUpdate();
        }
    }

    /// Creates, replaces or takes away a document by which the cluster is governed, in one transaction with its entry in the
    /// journal and what its origin has remembered.
    synchronized void govern(String collection, String key, Optional<String> json, WorkLog log) {
        var origin = ChangeOrigin.current();
        var before = get(collection, key);
        if (before.equals(json)) {
            return;
        }
        inTransaction(() -> {
            delete(collection, key);
            if (json.isPresent()) {
                insert(collection, key, json.get());
            }
            var entries = new ArrayList<LogEntry>();
            var change = Journal.ofCluster(collection, key, before, json, origin.author());
            entries.add(log.entry(LogEntry.Kind.JOURNAL, "", true, change.toJson()));
            entries.addAll(origin.committing(LogHome.CLUSTER));
            LogTable.append(connection, LogHome.CLUSTER, entries);
        });
        origin.committed(LogHome.CLUSTER);
    }

    /// Takes a document away, with log entries in the same transaction.
    synchronized void remove(String collection, String key, List<LogEntry> entries) {
        inTransaction(() -> {
            delete(collection, key);
            LogTable.append(connection, LogHome.CLUSTER, entries);
        });
    }

    /// Adds entries to the cluster's log.
    synchronized void remember(List<LogEntry> entries) {
        inTransaction(() -> LogTable.append(connection, LogHome.CLUSTER, entries));
    }

    /// Forgets log entries that are not kept any more.
    synchronized void prune(Set<LogEntry.Kind> kinds, long nowTicks) {
        inTransaction(() -> LogTable.prune(connection, LogHome.CLUSTER, kinds, nowTicks));
    }

    /// What a service beside the cluster keeps.
    public ServiceDocuments documentsOf(String service) {
        return new ServiceDocuments(this, service);
    }

    synchronized void change(List<ServiceDocuments.Change> changes) {
        inTransaction(() -> {
            for (ServiceDocuments.Change change : changes) {
                switch (change) {
                    case ServiceDocuments.Change.Put(String collection, String key, String json) -> {
                        delete(collection, key);
                        insert(collection, key, json);
                    }
                    case ServiceDocuments.Change.Remove(String collection, String key) -> delete(collection, key);
                    case ServiceDocuments.Change.Remember(ServiceDocuments.Entry entry) -> HistoryTable.put(connection, entry);
                }
            }
        });
    }

    List<String> history(String collection, String condition, List<Object> values) {
        try (Connection own = duck.connect()) {
            return HistoryTable.read(own, collection, condition, values);
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    synchronized void pruneHistory(String collection, ServiceDocuments.Bound bound, Instant now) {
        inTransaction(() -> HistoryTable.prune(connection, collection, bound, now));
    }

    /// All documents of the collections whose names begin so.
    List<ServiceDocuments.Change.Put> documentsBelow(String prefix) {
        try (Connection own = duck.connect();
                var query = own.prepareStatement("SELECT collection, key, json FROM " + ALIAS + ".main.documents WHERE starts_with(collection, ?)")) {
            query.setString(1, prefix);
            var documents = new ArrayList<ServiceDocuments.Change.Put>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    documents.add(new ServiceDocuments.Change.Put(rows.getString(1), rows.getString(2), rows.getString(3)));
                }
            }
            return documents;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    public Optional<String> get(String collection, String key) {
        return Optional.ofNullable(select(collection, Optional.of(key)).get(key));
    }

    /// All documents of a collection by key, in the keys' order.
    public Map<String, String> all(String collection) {
        return select(collection, Optional.empty());
    }

    private Map<String, String> select(String collection, Optional<String> key) {
        String sql = "SELECT key, json FROM " + ALIAS + ".main.documents WHERE collection = ?"
                + (key.isPresent() ? " AND key = ?" : " ORDER BY key");
        try (Connection own = duck.connect();
                var query = own.prepareStatement(sql)) {
            query.setString(1, collection);
            if (key.isPresent()) {
                query.setString(2, key.get());
            }
            var documents = new LinkedHashMap<String, String>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    documents.put(rows.getString(1), rows.getString(2));
                }
            }
            return documents;
        } catch (SQLException e) {
            throw failure(e);
        }
    }

    private void delete(String collection, String key) throws SQLException {
        try (var delete = connection.prepareStatement(
                "DELETE FROM " + ALIAS + ".main.documents WHERE collection = ? AND key = ?")) {
            delete.setString(1, collection);
            delete.setString(2, key);
            delete.executeUpdate();
        }
    }

    private void inTransaction(Work work) {
        try {
            reopen();
            Jdbc.execute(connection, "BEGIN TRANSACTION");
            boolean isCommitted = false;
            try {
                work.run();
                Jdbc.execute(connection, "COMMIT");
                isCommitted = true;
            } finally {
                if (!isCommitted) {
                    Jdbc.rollback(connection);
                }
            }
        } catch (SQLException e) {
            isInvalidated |= DiskTrouble.isInvalidated(String.valueOf(e.getMessage()));
            throw failure(e);
        }
    }

    private static KustoException failure(SQLException e) {
        return new KustoException(StorageErrors.failed("The system store failed", e), e);
    }

    @Override
    public synchronized void close() {
        Jdbc.closeQuietly(connection);
    }

    private interface Work {
        void run() throws SQLException;
    }
}
