package io.conshelf.engine.store;

import io.conshelf.engine.store.LogEntry.Kind;
import io.conshelf.engine.duck.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// The table of log entries in a database's file or the system store. All SQL over it stands here.
final class LogTable {
    private static final int ROWS_A_STATEMENT = 500;
    private static final String COLUMNS = "number, kind, id, made_on, is_last, json";

    private LogTable() {}

    static void create(Connection connection, LogHome home) throws SQLException {
        Jdbc.execute(connection, "CREATE TABLE " + home.table()
                + " (number BIGINT, kind VARCHAR, id VARCHAR, made_on BIGINT, is_last BOOLEAN, json VARCHAR)");
    }

    static void append(Connection connection, LogHome home, List<LogEntry> entries) throws SQLException {
        for (int from = 0; from < entries.size(); from += ROWS_A_STATEMENT) {
            var part = entries.subList(from, Math.min(entries.size(), from + ROWS_A_STATEMENT));
            try (var insert = connection.prepareStatement("INSERT INTO " + home.table() + " VALUES "
                    + String.join(", ", part.stream().map(_ -> "(?, ?, ?, ?, ?, ?)").toList()))) {
                int parameter = 1;
                for (LogEntry entry : part) {
                    insert.setLong(parameter++, entry.number());
                    insert.setString(parameter++, entry.kind().storedName());
                    insert.setString(parameter++, entry.id());
                    insert.setLong(parameter++, entry.atTicks());
                    insert.setBoolean(parameter++, entry.isLast());
                    insert.setString(parameter++, entry.json());
                }
                insert.executeUpdate();
            }
        }
    }

    /// The entries of a kind, oldest first.
    static List<LogEntry> read(Connection connection, LogHome home, Kind kind) throws SQLException {
        return select(connection, home, kind, "");
    }

    /// Those about one of the ids.
    static List<LogEntry> read(Connection connection, LogHome home, Kind kind, Collection<String> ids) throws SQLException {
        return ids.isEmpty()
                ? List.of()
                : select(connection, home, kind, " AND id IN (" + ids.stream().map(Sql::text).collect(Collectors.joining(", ")) + ")");
    }

    /// Those whose id has no last entry here.
    static List<LogEntry> readUnended(Connection connection, LogHome home, Kind kind) throws SQLException {
        return select(connection, home, kind, " AND id NOT IN (SELECT id FROM " + home.table() + " WHERE kind = "
                + Sql.text(kind.storedName()) + " AND is_last)");
    }

    private static List<LogEntry> select(Connection connection, LogHome home, Kind kind, String condition) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT " + COLUMNS + " FROM " + home.table()
                + " WHERE kind = ?" + condition + " ORDER BY number")) {
            query.setString(1, kind.storedName());
            var entries = new ArrayList<LogEntry>();
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    entries.add(new LogEntry(
                            rows.getLong(1), kind, rows.getString(3), rows.getLong(4), rows.getBoolean(5), rows.getString(6)));
                }
            }
            return entries;
        }
    }

    /// The greatest number of an entry, 0 without any.
    static long lastNumber(Connection connection, LogHome home) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT coalesce(max(number), 0) FROM " + home.table())) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /// Forgets what is older, or more, than is kept.
    static void prune(Connection connection, LogHome home, Set<Kind> kinds, long nowTicks) throws SQLException {
        for (Kind kind : kinds) {
            String name = Sql.text(kind.storedName());
            long before = nowTicks - kind.kept().toSeconds() * 10_000_000;
            Jdbc.execute(connection, "DELETE FROM " + home.table() + " WHERE kind = " + name + " AND (made_on < " + before
                    + " OR number <= (SELECT number FROM " + home.table() + " WHERE kind = " + name
                    + " ORDER BY number DESC LIMIT 1 OFFSET " + kind.countMax() + "))");
        }
    }
}
