package io.conshelf.engine.store;

import io.conshelf.engine.store.LogEntry.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a transaction leaves in its database's log when it commits: how the schema has changed, which extents came and went,
/// and what whoever asked for it adds.
final class TransactionLog {
    private final WorkLog log;
    private final ChangeOrigin origin;
    private final long startedNanos = System.nanoTime();
    private final Map<String, Removed> removals = new LinkedHashMap<>();
    private Optional<DataOperation.Kind> kind;
    private int ownExtents = Integer.MAX_VALUE;

    TransactionLog(WorkLog log, ChangeOrigin origin) {
        this.log = log;
        this.origin = origin;
        this.kind = origin.dataOperation();
    }

    /// The extents are not what the origin usually makes.
    void makes(DataOperation.Kind actual) {
        kind = Optional.of(actual);
    }

    /// Extents beyond these are made by update policies.
    void derivesFrom(int extents) {
        ownExtents = extents;
    }

    private record Removed(long extents, long rows) {
        Removed plus(Removed other) {
            return new Removed(extents + other.extents, rows + other.rows);
        }
    }

    /// Extents of a table are gone.
    void removed(Table table, Collection<Extent> extents) {
        if (!extents.isEmpty()) {
            removals.merge(
                    table.name(), new Removed(extents.size(), extents.stream().mapToLong(Extent::rowCount).sum()), Removed::plus);
        }
    }

    void write(
            Connection connection, Database before, Database after, Set<String> tables, Set<String> functions,
            List<ExtentWriter> extents) throws SQLException {
        var entries = new ArrayList<LogEntry>();
        if (after != before) {
            Journal.between(before, after, tables, functions, origin.author()).forEach(entry -> entries.add(entry(entry)));
        }
        removals.forEach((table, removed) -> entries.add(entry(new JournalEntry(
                "DROP-EXTENTS", after.name(), table, table, after.name(), "", "",
                "{\"Extents\":" + removed.extents() + ",\"Rows\":" + removed.rows() + "}", "", origin.author()))));
        dataOperations(after, extents).forEach(
                operation -> entries.add(log.entry(Kind.DATA_OPERATION, "", true, operation.toJson())));
        var home = LogHome.of(after);
        entries.addAll(origin.committing(home));
        LogTable.append(connection, home, entries);
    }

    void committed(Database database) {
        origin.committed(LogHome.of(database));
    }

    private LogEntry entry(JournalEntry entry) {
        return log.entry(Kind.JOURNAL, "", true, entry.toJson());
    }

    private record Target(String table, DataOperation.Kind kind) {}

    private List<DataOperation> dataOperations(Database database, List<ExtentWriter> extents) {
        var made = new LinkedHashMap<Target, List<Extent>>();
        for (int i = 0; i < extents.size(); i++) {
            var extent = extents.get(i).extent();
            var how = i < ownExtents ? kind : Optional.of(DataOperation.Kind.UPDATE_POLICY);
            if (extent.rowCount() > 0 && how.isPresent()) {
                made.computeIfAbsent(new Target(extents.get(i).table().name(), how.get()), _ -> new ArrayList<>()).add(extent);
            }
        }
        long ticks = (System.nanoTime() - startedNanos) / 100;
        var operations = new ArrayList<DataOperation>();
        made.forEach((target, all) -> operations.add(new DataOperation(
                database.name(), target.table(), target.kind(), all.stream().mapToLong(Extent::originalBytes).sum(),
                all.stream().mapToLong(Extent::rowCount).sum(), all.size(), ticks, origin.author().clientRequestId(),
                origin.author().principal())));
        return operations;
    }
}
