package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The list of extents in a database's file, and the ids of sources it has ingested. Extents belong to a storage table and are
/// gone with it.
final class Extents {
    private Extents() {}

    static void insert(Connection connection, Table table, Extent extent) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + table.id().databaseId()
                + ".conshelf.extents VALUES (?, ?, ?, ?, ?, CAST(CAST(? AS JSON) AS VARCHAR[]), ?)")) {
            insert.setString(1, table.rows());
            insert.setLong(2, extent.number());
            insert.setLong(3, Moments.ticks(extent.createdOn()));
            insert.setLong(4, extent.rowCount());
            insert.setLong(5, extent.originalBytes());
            insert.setString(6, JsonText.array(extent.tags()));
            insert.setLong(7, Moments.ticks(extent.minCreatedOn()));
            insert.executeUpdate();
        }
    }

    /// In the order they were made.
    static List<Extent> of(Connection connection, Table table) throws SQLException {
        try (var query = connection.prepareStatement("SELECT number, created_on, row_count, original_bytes, tags, coalesce(min_created_on, created_on) FROM "
                + table.id().databaseId() + ".conshelf.extents WHERE storage = ? ORDER BY number")) {
            query.setString(1, table.rows());
            var extents = new ArrayList<Extent>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    long number = rows.getLong(1);
                    Set<String> tags = new LinkedHashSet<>();
                    for (Object tag : (Object[]) rows.getArray(5).getArray()) {
                        tags.add((String) tag);
                    }
                    extents.add(new Extent(
                            number,
                            Extent.idOf(table, number),
                            table.id().tableId(),
                            Moments.instant(rows.getLong(6)),
                            Moments.instant(rows.getLong(2)),
                            rows.getLong(3),
                            rows.getLong(4),
                            tags));
                }
            }
            return extents;
        }
    }

    static boolean hasTag(Connection connection, Table table, String tag) throws SQLException {
        try (var query = connection.prepareStatement("SELECT count(*) FROM " + table.id().databaseId()
                + ".conshelf.extents WHERE storage = ? AND list_contains(tags, ?)")) {
            query.setString(1, table.rows());
            query.setString(2, tag);
            try (var rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1) > 0;
            }
        }
    }

    static void remove(Connection connection, Table table, Collection<Long> numbers) throws SQLException {
        if (numbers.isEmpty()) {
            return;
        }
        DatabaseFile.keepLastCommit(connection, table.id().databaseId());
        String list = String.join(", ", numbers.stream().map(String::valueOf).toList());
        try (var statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM " + table.id().databaseId() + ".data." + table.rows() + " WHERE "
                    + Table.EXTENT_COLUMN + " IN (" + list + ")");
            statement.executeUpdate(
                    "DELETE FROM " + table.id().databaseId() + ".conshelf.extents WHERE number IN (" + list + ")");
        }
    }

    /// Puts one extent in the place of others: rows get its number and are otherwise left as they are. Nobody else may change
    /// these extents or delete rows of theirs until this is committed.
    static void merge(Connection connection, Table table, Collection<Extent> merged, Extent into) throws SQLException {
        var numbers = merged.stream().map(Extent::number).sorted().toList();
        String list = String.join(", ", numbers.stream().map(String::valueOf).toList());
        String database = table.id().databaseId();
        try (var statement = connection.createStatement()) {
            // Between lets DuckDB pass over what is known to hold none of them.
            long rows = WriteStop.current().during(statement, () -> statement.executeLargeUpdate("UPDATE " + database + ".data."
                    + table.rows() + " SET " + Table.EXTENT_COLUMN + " = " + into.number() + " WHERE " + Table.EXTENT_COLUMN
                    + " BETWEEN " + numbers.getFirst() + " AND " + numbers.getLast() + " AND " + Table.EXTENT_COLUMN + " IN (" + list + ")"));
            if (rows != into.rowCount()) {
                throw new IllegalStateException("Extents " + list + " of table '" + table.name() + "' have " + rows
                        + " rows, their list says " + into.rowCount() + ": they are not merged");
            }
            statement.executeUpdate("DELETE FROM " + database + ".conshelf.extents WHERE storage = '" + table.rows()
                    + "' AND number IN (" + list + ")");
        }
        insert(connection, table, into);
    }

    static void setTags(Connection connection, Table table, long number, Set<String> tags) throws SQLException {
        try (var update = connection.prepareStatement("UPDATE " + table.id().databaseId()
                + ".conshelf.extents SET tags = CAST(CAST(? AS JSON) AS VARCHAR[]) WHERE storage = ? AND number = ?")) {
            update.setString(1, JsonText.array(tags));
            update.setString(2, table.rows());
            update.setLong(3, number);
            update.executeUpdate();
        }
    }

    /// Deletes rows by their numbers and tells how many each extent lost; an extent that lost all of them is gone.
    static SortedMap<Long, Long> deleteRows(Connection connection, Table table, String numbersSql) throws SQLException {
        DatabaseFile.keepLastCommit(connection, table.id().databaseId());
        var lost = new TreeMap<Long, Long>();
        String database = table.id().databaseId();
        try (var statement = connection.createStatement();
                var rows = WriteStop.current().during(statement, () -> statement.executeQuery("DELETE FROM " + database + ".data." + table.rows() + " WHERE "
                        + NumberedRows.NUMBER + " IN (" + numbers(numbersSql) + ") RETURNING " + Table.EXTENT_COLUMN))) {
            while (rows.next()) {
                lost.merge(rows.getLong(1), 1L, Long::sum);
            }
        }
        try (var statement = connection.createStatement()) {
            takeFromExtents(statement, table, lost);
        }
        return lost;
    }

    /// Deletes rows by a condition on `p`; an extent that lost all of its rows is gone.
    static void deleteRowsWhere(Connection connection, Table table, String condition) throws SQLException {
        DatabaseFile.keepLastCommit(connection, table.id().databaseId());
        String database = table.id().databaseId();
        String rows = database + ".data." + table.rows();
        var lost = new TreeMap<Long, Long>();
        try (var statement = connection.createStatement()) {
            try (var counts = statement.executeQuery("SELECT " + Table.EXTENT_COLUMN + ", count(*) FROM " + rows + " AS p WHERE "
                    + condition + " GROUP BY 1")) {
                while (counts.next()) {
                    lost.put(counts.getLong(1), counts.getLong(2));
                }
            }
            if (lost.isEmpty()) {
                return;
            }
            statement.executeUpdate("DELETE FROM " + rows + " AS p WHERE " + condition);
            takeFromExtents(statement, table, lost);
        }
    }

    private static void takeFromExtents(Statement statement, Table table, Map<Long, Long> lost) throws SQLException {
        String extents = table.id().databaseId() + ".conshelf.extents";
        for (var extent : lost.entrySet()) {
            // The bytes of what is left are taken to be as many a row as before.
            statement.executeUpdate("UPDATE " + extents + " SET original_bytes = original_bytes * (row_count - "
                    + extent.getValue() + ") // greatest(row_count, 1), row_count = row_count - " + extent.getValue()
                    + " WHERE number = " + extent.getKey());
        }
        statement.executeUpdate("DELETE FROM " + extents + " WHERE storage = '" + table.rows() + "' AND row_count <= 0");
    }

    // A query shows them as text.
    private static String numbers(String numbersSql) {
        return "SELECT CAST(v AS UUID) FROM (" + numbersSql + ") AS q(v)";
    }

    /// How many rows with these numbers each extent has.
    static SortedMap<Long, Long> countRows(Connection connection, Table table, String numbersSql) throws SQLException {
        var counts = new TreeMap<Long, Long>();
        try (var statement = connection.createStatement();
                var rows = WriteStop.current().during(statement, () -> statement.executeQuery(
                        "SELECT " + Table.EXTENT_COLUMN + ", count(*) FROM " + table.id().databaseId()
                        + ".data." + table.rows() + " WHERE " + NumberedRows.NUMBER + " IN (" + numbers(numbersSql) + ") GROUP BY 1"))) {
            while (rows.next()) {
                counts.put(rows.getLong(1), rows.getLong(2));
            }
        }
        return counts;
    }

    static void recordSource(Connection connection, Table table, String sourceId, long commit, long extent)
            throws SQLException {
        try (var insert = connection.prepareStatement(
                "INSERT INTO " + table.id().databaseId() + ".conshelf.sources VALUES (?, ?, ?, ?)")) {
            insert.setString(1, table.id().tableId());
            insert.setString(2, sourceId);
            insert.setLong(3, commit);
            insert.setLong(4, extent);
            insert.executeUpdate();
        }
    }

    /// The number of the extent that a source went to (0 if it had no rows), or nothing if the source is new.
    static Optional<Long> extentOfSource(Connection connection, Table table, String sourceId) throws SQLException {
        try (var query = connection.prepareStatement("SELECT extent FROM " + table.id().databaseId()
                + ".conshelf.sources WHERE table_id = ? AND id = ?")) {
            query.setString(1, table.id().tableId());
            query.setString(2, sourceId);
            try (var rows = query.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }

    static void recordSources(Connection connection, Table table, List<String> sourceIds, long commit, long extent)
            throws SQLException {
        recordSources(connection, table.id().databaseId(), table.id().tableId(), sourceIds, commit, extent);
    }

    static void recordSources(
            Connection connection, String alias, String tableId, List<String> sourceIds, long commit, long extent)
            throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + alias
                + ".conshelf.sources SELECT ?, unnest(CAST(CAST(? AS JSON) AS VARCHAR[])), CAST(? AS BIGINT), CAST(? AS BIGINT)")) {
            insert.setString(1, tableId);
            insert.setString(2, JsonText.array(sourceIds));
            insert.setLong(3, commit);
            insert.setLong(4, extent);
            insert.executeUpdate();
        }
    }

    /// Extent numbers by source, of those sources that were ingested.
    static Map<String, Long> extentsOfSources(Connection connection, Table table, List<String> sourceIds) throws SQLException {
        Map<String, Long> ingested = new HashMap<>();
        try (var query = connection.prepareStatement("SELECT id, extent FROM " + table.id().databaseId()
                + ".conshelf.sources WHERE table_id = ? AND id IN (SELECT unnest(CAST(CAST(? AS JSON) AS VARCHAR[])))")) {
            query.setString(1, table.id().tableId());
            query.setString(2, JsonText.array(sourceIds));
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    ingested.put(rows.getString(1), rows.getLong(2));
                }
            }
        }
        return ingested;
    }

    /// Table ids with the ids of their latest sources.
    static List<Map.Entry<String, String>> latestSources(Connection connection, String alias, int max)
            throws SQLException {
        List<Map.Entry<String, String>> latest = new ArrayList<>();
        // A source of a batch is known by two lines, and nobody streams those.
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT table_id, id FROM " + alias + ".conshelf.sources"
                        + " WHERE NOT contains(id, chr(10)) ORDER BY committed_on DESC LIMIT " + max)) {
            while (rows.next()) {
                latest.add(Map.entry(rows.getString(1), rows.getString(2)));
            }
        }
        return latest;
    }
}
