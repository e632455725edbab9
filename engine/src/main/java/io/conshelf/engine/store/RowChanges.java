package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// What a transaction takes of a table's rows, one by one.
public final class RowChanges {
    private final Transaction transaction;
    private final Connection connection;
    private final DatabaseRoom room;

    RowChanges(Transaction transaction, Connection connection, DatabaseRoom room) {
        this.transaction = transaction;
        this.connection = connection;
        this.room = room;
    }

    /// Fixes which rows a query means, before there are other rows: what [#delete] takes then.
    ///
    /// @param numbersSql selects their numbers, as [Storage#readNumbered] shows them
    public String fixed(String numbersSql) throws SQLException {
        String name = "temp.main.numbers_" + transaction.nextNumber();
        try (var statement = connection.createStatement()) {
            WriteStop.current().during(statement, () -> statement.executeLargeUpdate(
                    "CREATE TEMPORARY TABLE " + name + " AS SELECT v FROM (" + numbersSql + ") AS q(v)"));
        }
        return "SELECT v FROM " + name;
    }

    /// Deletes rows of a table.
    ///
    /// @param numbersSql selects their numbers, as [Storage#readNumbered] shows them
    /// @return how many rows each extent lost
    public Map<UUID, Long> delete(Table table, String numbersSql) throws SQLException {
        transaction.frees();
        return byId(table, Extents.deleteRows(connection, table, numbersSql));
    }

    /// Deletes rows by a condition.
    ///
    /// @param condition SQL over the row `p` in storage
    public void deleteWhere(Table table, String condition) throws SQLException {
        transaction.frees();
        Extents.deleteRowsWhere(connection, table, condition);
    }

    /// Deletes rows, and writes all others of the table anew: what is merely deleted stays in the file beside its neighbours.
    ///
    /// @return how many rows each extent lost
    public Map<UUID, Long> purge(Table table, String numbersSql) throws SQLException {
        var lost = delete(table, numbersSql);
        if (!lost.isEmpty()) {
            room.check();
            String rows = table.id().databaseId() + ".data." + table.rows();
            try (var statement = connection.createStatement()) {
                long last;
                // Rows that are written now have greater numbers.
                try (var max = statement.executeQuery("SELECT coalesce(max(rowid), -1) FROM " + rows)) {
                    max.next();
                    last = max.getLong(1);
                }
                room.during(statement, () -> statement.executeLargeUpdate("INSERT INTO " + rows + " SELECT * FROM " + rows));
                WriteStop.current().during(statement, () -> statement.executeLargeUpdate("DELETE FROM " + rows + " WHERE rowid <= " + last));
            }
        }
        return lost;
    }

    /// How many rows [#delete] would delete.
    public Map<UUID, Long> count(Table table, String numbersSql) throws SQLException {
        return byId(table, Extents.countRows(connection, table, numbersSql));
    }

    private static Map<UUID, Long> byId(Table table, Map<Long, Long> counts) {
        var byId = new LinkedHashMap<UUID, Long>();
        counts.forEach((number, count) -> byId.put(Extent.idOf(table, number), count));
        return byId;
    }
}
