package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The extents of tables in a transaction, and the sources that were ingested into them.
public final class ExtentChanges {
    private final Transaction transaction;
    private final Connection connection;
    private final Numbers numbers;
    private final RowFunction rowFunction;
    private final DatabaseRoom room;
    private final TransactionLog log;
    private final List<ExtentWriter> opened = new ArrayList<>();
    private final List<Table> mergedTables = new ArrayList<>();

    ExtentChanges(
            Transaction transaction, Connection connection, Numbers numbers, RowFunction rowFunction, DatabaseRoom room, TransactionLog log) {
        this.transaction = transaction;
        this.connection = connection;
        this.numbers = numbers;
        this.rowFunction = rowFunction;
        this.room = room;
        this.log = log;
    }

    /// What the transaction is numbered with, and what its extents will be.
    record Numbers(CommitClock clock, CommitHorizon horizon, long commit, long nowTicks) {}

    /// Opens a new extent of a table.
    ///
    /// @param createdOn what retention and caching count from; usually [Transaction#now]
    public ExtentWriter open(Table table, Set<String> tags, Instant createdOn) {
        room.check();
        return open(table, createdOn, tags, numbers.horizon().begin(table.id().tableId()), ExtentWriter.Kind.NEW);
    }

    /// Opens a new extent for streamed rows, which keep their times and commits.
    ExtentWriter openSealed(Table table, Instant createdOn) {
        return open(table, createdOn, Set.of(), numbers.clock().next(), ExtentWriter.Kind.SEALED);
    }

    private ExtentWriter open(Table table, Instant createdOn, Set<String> tags, long number, ExtentWriter.Kind kind) {
        transaction.writes();
        var writer = new ExtentWriter(connection, rowFunction, transaction.database(), table, number, kind, room, numbers.nowTicks(), createdOn, tags);
        opened.add(writer);
        return writer;
    }

    /// The extents opened so far.
    List<ExtentWriter> opened() {
        return List.copyOf(opened);
    }

    /// The committed extents of a table, oldest first.
    public List<Extent> of(Table table) throws SQLException {
        return Extents.of(connection, table);
    }

    /// Drops extents with their rows.
    public void drop(Table table, Collection<Extent> dropped) throws SQLException {
        remove(table, dropped);
        log.removed(table, dropped);
    }

    private void remove(Table table, Collection<Extent> removed) throws SQLException {
        transaction.frees();
        Extents.remove(connection, table, removed.stream().map(Extent::number).toList());
    }

    /// Replaces the tags of an extent.
    public void setTags(Table table, Extent extent, Set<String> tags) throws SQLException {
        transaction.writes();
        Extents.setTags(connection, table, extent.number(), tags);
    }

    /// Moves an extent's rows to a table of the same columns, into a new extent of the same tags and age.
    ///
    /// @param isNew whether the rows count as ingested now
    public Extent move(Table from, Extent extent, Table to, Instant createdOn, boolean isNew) throws SQLException {
        // The rows are written anew before the others go.
        room.check();
        var writer = isNew ? open(to, extent.tags(), createdOn) : open(to, createdOn, extent.tags(), numbers.clock().next(), ExtentWriter.Kind.MOVED);
        var where = " FROM " + from.id().databaseId() + ".data." + from.rows() + " WHERE " + Table.EXTENT_COLUMN + " = "
                + extent.number();
        var sources = String.join(", ", from.columns().stream().map(TableColumn::id).toList());
        if (isNew) {
            writer.append("SELECT " + sources + where, to.columns(), extent.originalBytes());
        } else {
            writer.appendKeepingTimes(
                    "SELECT " + sources + ", " + Table.INGESTED_COLUMN + ", " + Table.COMMIT_COLUMN + where,
                    to.columns().stream().map(TableColumn::id).toList(), extent.originalBytes());
        }
        writer.reachesBackTo(extent.minCreatedOn());
        remove(from, List.of(extent));
        return writer.extent();
    }

    /// Makes one extent of several, which keeps their tags and reaches from the oldest to the youngest; their rows keep their
    /// times and commits. To be called within [DatabaseWriter#merge], or where nothing else can reach the table.
    public Extent merge(Table table, Collection<Extent> merged) throws SQLException {
        transaction.writes();
        var into = Extent.merged(table, numbers.clock().next(), merged);
        Extents.merge(connection, table, merged, into);
        mergedTables.add(table);
        return into;
    }

    /// Whether an extent of the table has the tag.
    public boolean hasTag(Table table, String tag) throws SQLException {
        return Extents.hasTag(connection, table, tag);
    }

    /// The extent that a source was ingested into, [Extent#NONE] if it had no rows; empty if it never was.
    public Optional<UUID> ofSource(Table table, String sourceId) throws SQLException {
        return Extents.extentOfSource(connection, table, sourceId)
                .map(number -> number == 0 ? Extent.NONE : Extent.idOf(table, number));
    }

    /// Remembers with this commit that a source was ingested.
    public void recordSource(Table table, String sourceId, Optional<Extent> extent) throws SQLException {
        transaction.writes();
        Extents.recordSource(
                connection, table, sourceId, numbers.commit(), extent.map(Extent::number).orElse(0L));
    }

    /// Remembers with this commit that sources were ingested.
    ///
    /// @param extent that they share, or nothing where each has none that is known
    public void recordSources(Table table, List<String> sourceIds, Optional<Extent> extent) throws SQLException {
        transaction.writes();
        Extents.recordSources(connection, table, sourceIds, numbers.commit(), extent.map(Extent::number).orElse(0L));
    }

    /// The extents, as in [#ofSource], of those sources that were ingested.
    public Map<String, UUID> ofSources(Table table, List<String> sourceIds) throws SQLException {
        Map<String, UUID> extents = new HashMap<>();
        Extents.extentsOfSources(connection, table, sourceIds).forEach((source, number) ->
                extents.put(source, number == 0 ? Extent.NONE : Extent.idOf(table, number)));
        return extents;
    }

    /// Writes down the extents that were opened.
    ///
    /// @return the tables that must still be there
    List<Table> recorded() throws SQLException {
        var tables = new ArrayList<Table>();
        for (ExtentWriter extent : opened) {
            extent.record();
            tables.add(extent.table());
        }
        tables.addAll(mergedTables);
        return tables;
    }

    /// To be called when what was written can be seen, or never will be.
    void end(boolean isCommitted) {
        opened.stream().filter(ExtentWriter::isCommit)
                .forEach(e -> numbers.horizon().end(e.extent().number(), isCommitted && e.extent().rowCount() > 0));
    }
}
