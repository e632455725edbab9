package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;

/// How far a view's part goes, written in the transaction of its rows.
///
/// @param cursor         rows of the source with this commit or a lower one are in the part, no others
/// @param materializedTo when the latest of them was ingested, in ticks
/// @param lastRun        when the part last changed, in ticks
/// @param hasFailed      whether the last attempt to change it failed
public record ViewState(long cursor, long materializedTo, long lastRun, boolean hasFailed) {
    /// How it stands in a transaction or a reading.
    static ViewState read(Connection connection, Table part) throws SQLException {
        try (var query = connection.prepareStatement("SELECT cursor, materialized_to, last_run, has_failed FROM "
                + part.id().databaseId() + ".conshelf.views WHERE part = ?")) {
            query.setString(1, part.id().tableId());
            try (var rows = query.executeQuery()) {
                return rows.next()
                        ? new ViewState(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getBoolean(4))
                        : new ViewState(0, 0, 0, false);
            }
        }
    }

    void write(Connection connection, Table part) throws SQLException {
        forget(connection, part);
        try (var insert = connection.prepareStatement(
                "INSERT INTO " + part.id().databaseId() + ".conshelf.views VALUES (?, ?, ?, ?, ?)")) {
            insert.setString(1, part.id().tableId());
            insert.setLong(2, cursor);
            insert.setLong(3, materializedTo);
            insert.setLong(4, lastRun);
            insert.setBoolean(5, hasFailed);
            insert.executeUpdate();
        }
    }

    static void forget(Connection connection, Table part) throws SQLException {
        try (var delete = connection.prepareStatement(
                "DELETE FROM " + part.id().databaseId() + ".conshelf.views WHERE part = ?")) {
            delete.setString(1, part.id().tableId());
            delete.executeUpdate();
        }
    }

    /// The table that holds it.
    static void createTable(Connection connection, String alias) throws SQLException {
        Jdbc.execute(connection, "CREATE TABLE " + alias + ".conshelf.views (part VARCHAR, cursor BIGINT, "
                + "materialized_to BIGINT, last_run BIGINT, has_failed BOOLEAN)");
    }
}
