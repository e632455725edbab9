package io.conshelf.engine.store;

import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.type.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/// Fills one extent of a table; made by [ExtentChanges#open]. The extent exists once its transaction commits, if it has rows.
public final class ExtentWriter {
    private final Connection connection;
    private final RowFunction rowFunction;
    private final Database database;
    private final Table table;
    private final long number;
    private final Kind kind;
    private final DatabaseRoom room;
    private final long ingestedTicks;
    private final Instant createdOn;
    private final Set<String> tags;
    private Instant minCreatedOn;
    private long rowCount;
    private long originalBytes;

    /// Where its rows are from.
    enum Kind {
        NEW,
        /// They were ingested into another extent.
        MOVED,
        /// They were streamed, and are in the row log: what the disk has left is for them.
        SEALED
    }

    ExtentWriter(
            Connection connection,
            RowFunction rowFunction,
            Database database,
            Table table,
            long number,
            Kind kind,
            DatabaseRoom room,
            long ingestedTicks,
            Instant createdOn,
            Set<String> tags) {
        this.connection = connection;
        this.rowFunction = rowFunction;
        this.database = database;
        this.table = table;
        this.number = number;
        this.kind = kind;
        this.room = room;
        this.ingestedTicks = ingestedTicks;
        this.createdOn = createdOn;
        this.minCreatedOn = createdOn;
        this.tags = new LinkedHashSet<>(tags);
    }

    /// Whether its number is the commit that its rows carry.
    boolean isCommit() {
        return kind == Kind.NEW;
    }

    /// Appends the rows of a query. Its columns go to `columns` in their order and have the storage types of [Reading];
    /// the table's other columns are null, or empty text.
    ///
    /// @param originalBytes size of the data as it came in
    /// @return how many rows there were
    public long append(String selectSql, List<TableColumn> columns, long originalBytes) throws SQLException {
        var targets = new ArrayList<String>();
        var names = new ArrayList<String>();
        var values = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            TableColumn column = columns.get(i);
            String name = "v" + i;
            names.add(name);
            targets.add(column.id());
            values.add(column.type() == Type.STRING ? "coalesce(" + name + ", '')" : name);
        }
        // A query without columns still has rows.
        String alias = columns.isEmpty() ? " AS q" : " AS q(" + String.join(", ", names) + ")";
        targets.addAll(List.of(Table.EXTENT_COLUMN, Table.INGESTED_COLUMN, Table.COMMIT_COLUMN));
        values.addAll(List.of(Long.toString(number), Long.toString(ingestedTicks), Long.toString(number)));
        return insert(targets, "SELECT " + String.join(", ", values) + " FROM (" + selectSql + ")" + alias, originalBytes);
    }

    /// Appends the rows of a query as what comes in is: values larger than their columns' encoding policies allow are cut, or null.
    ///
    /// @return how many rows there were
    public long ingest(String selectSql, List<TableColumn> columns) throws SQLException {
        if (columns.isEmpty()) {
            return append(selectSql, columns, 0);
        }
        var names = new ArrayList<String>();
        var values = new ArrayList<String>();
        for (TableColumn column : columns) {
            String name = "f" + names.size();
            names.add(name);
            values.add(EncodingPolicy.fitting(column.type(), name, EncodingPolicy.valueBytesMax(database, table, column)));
        }
        return append("SELECT " + String.join(", ", values) + " FROM (" + selectSql + ") AS f(" + String.join(", ", names) + ")",
                columns, 0);
    }

    /// Appends rows that are in memory or being parsed. Columns that the rows don't have are null, or empty text.
    ///
    /// @param originalBytes asked for after the last row
    public long append(RowFeed feed, LongSupplier originalBytes) throws SQLException {
        var view = new RowFunction.View(
                table.columns(),
                false,
                OptionalLong.empty(),
                ForeignRows.THREADS_MAX,
                _ -> () -> feed.next().map(rows -> new RowFunction.Part(rows, 0, 0)));
        long token = rowFunction.open(view);
        try {
            long rows = append(RowFunction.select(view, token), table.columns(), 0);
            this.originalBytes += originalBytes.getAsLong();
            return rows;
        } finally {
            rowFunction.close(token);
        }
    }

    /// Appends rows that were ingested earlier and keep when that was: the query ends with [Table#INGESTED_COLUMN] and
    /// [Table#COMMIT_COLUMN].
    long appendKeepingTimes(String selectSql, List<String> columnIds, long originalBytes) throws SQLException {
        var targets = new ArrayList<>(columnIds);
        targets.addAll(List.of(Table.INGESTED_COLUMN, Table.COMMIT_COLUMN, Table.EXTENT_COLUMN));
        return insert(targets, "SELECT q.*, " + number + " FROM (" + selectSql + ") AS q", originalBytes);
    }

    private long insert(List<String> targets, String select, long bytes) throws SQLException {
        String sql = "INSERT INTO " + table.id().databaseId() + ".data." + Sql.identifier(table.rows()) + " ("
                + String.join(", ", targets) + ") " + select;
        try (var statement = connection.createStatement()) {
            long rows = kind == Kind.SEALED
                    ? statement.executeLargeUpdate(sql)
                    : room.during(statement, () -> statement.executeLargeUpdate(sql));
            rowCount += rows;
            originalBytes += bytes;
            return rows;
        }
    }

    /// The rows are of extents, the oldest of which was created then.
    void reachesBackTo(Instant oldest) {
        minCreatedOn = oldest;
    }

    /// Takes the bytes of its values for its size, where the rows came from a query and had none: what they have as numbers and
    /// as text in UTF-8.
    public void measure() throws SQLException {
        var texts = new ArrayList<String>();
        long fixed = 0;
        for (TableColumn column : table.columns()) {
            switch (column.type()) {
                case BOOL -> fixed += 1;
                case INT -> fixed += 4;
                case LONG, REAL, DATETIME, TIMESPAN -> fixed += 8;
                case DECIMAL, GUID -> fixed += 16;
                case STRING, DYNAMIC -> texts.add("coalesce(sum(strlen(" + column.id() + ")), 0)");
            }
        }
        originalBytes = fixed * rowCount;
        if (!texts.isEmpty() && rowCount > 0) {
            try (var statement = connection.createStatement();
                    var sum = statement.executeQuery("SELECT CAST(" + String.join(" + ", texts) + " AS BIGINT) FROM "
                            + table.id().databaseId() + ".data." + table.rows() + " WHERE " + Table.EXTENT_COLUMN + " = " + number)) {
                sum.next();
                originalBytes += sum.getLong(1);
            }
        }
    }

    /// What the extent is so far.
    public Extent extent() {
        return new Extent(
                number, Extent.idOf(table, number), table.id().tableId(), minCreatedOn, createdOn, rowCount, originalBytes, tags);
    }

    public Table table() {
        return table;
    }

    /// The rows of this extent alone, as [Reading#relation] has those of a table.
    public String relation() {
        var columns = String.join(", ", table.columns().stream().map(TableColumn::id).toList());
        return "(SELECT " + columns + ", " + Extent.idSql(table) + " AS " + Table.EXTENT_COLUMN + ", " + Table.INGESTED_COLUMN
                + ", " + Table.COMMIT_COLUMN + " FROM " + table.id().databaseId() + ".data." + table.rows() + " WHERE "
                + Table.EXTENT_COLUMN + " = " + number + ")";
    }

    void record() throws SQLException {
        if (rowCount > 0) {
            Extents.insert(connection, table, extent());
        }
    }
}
