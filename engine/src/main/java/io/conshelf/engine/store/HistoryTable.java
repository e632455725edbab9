package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// The table of what services remember. All SQL over it stands here.
final class HistoryTable {
    private static final String TABLE = SystemStore.ALIAS + ".conshelf.history";

    private HistoryTable() {}

    static void create(Connection connection) throws SQLException {
        Jdbc.execute(connection, "CREATE TABLE " + TABLE
                + " (collection VARCHAR, key VARCHAR, parent VARCHAR, made_on BIGINT, json VARCHAR)");
    }

    static long micros(Instant at) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, at);
    }

    static void put(Connection connection, ServiceDocuments.Entry entry) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM " + TABLE + " WHERE collection = ? AND key = ?")) {
            delete.setString(1, entry.collection());
            delete.setString(2, entry.key());
            delete.executeUpdate();
        }
        try (var insert = connection.prepareStatement("INSERT INTO " + TABLE + " VALUES (?, ?, ?, ?, ?)")) {
            insert.setString(1, entry.collection());
            insert.setString(2, entry.key());
            insert.setString(3, entry.parent());
            insert.setLong(4, micros(entry.at()));
            insert.setString(5, entry.json());
            insert.executeUpdate();
        }
    }

    /// @param condition over the columns, with a `?` for each value
    static List<String> read(Connection connection, String collection, String condition, List<Object> values) throws SQLException {
        try (var query = connection.prepareStatement("SELECT json FROM " + TABLE + " WHERE collection = ? AND " + condition
                + " ORDER BY made_on, key")) {
            query.setString(1, collection);
            for (int i = 0; i < values.size(); i++) {
                query.setObject(i + 2, values.get(i));
            }
            var found = new ArrayList<String>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            return found;
        }
    }

    static void prune(Connection connection, String collection, ServiceDocuments.Bound bound, Instant now) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM " + TABLE + " WHERE collection = ? AND (made_on < ? OR made_on <="
                + " (SELECT made_on FROM " + TABLE + " WHERE collection = ? ORDER BY made_on DESC LIMIT 1 OFFSET " + bound.countMax() + "))")) {
            delete.setString(1, collection);
            delete.setLong(2, micros(now.minus(bound.kept())));
            delete.setString(3, collection);
            delete.executeUpdate();
        }
    }
}
