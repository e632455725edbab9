package io.conshelf.engine.store;

import io.conshelf.kql.value.Ticks;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// For people who open a database's file with other tools: a view a table in the schema `main`, with the real names, real
/// timestamps and intervals. The engine itself never reads them. They are written when the database closes.
///
/// This is the one place where names of the user stand in SQL, as quoted identifiers.
final class NamedViews {
    private NamedViews() {}

    static void refresh(Connection connection, Database database) throws SQLException {
        String schema = database.id() + ".main";
        var old = new ArrayList<String>();
        try (var query = connection.prepareStatement("SELECT view_name FROM duckdb_views() "
                + "WHERE database_name = ? AND schema_name = 'main' AND NOT internal")) {
            query.setString(1, database.id());
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    old.add(rows.getString(1));
                }
            }
        }
        Jdbc.execute(connection, "BEGIN TRANSACTION");
        boolean isCommitted = false;
        try {
            for (String view : old) {
                Jdbc.execute(connection, "DROP VIEW " + schema + "." + quoted(view));
            }
            Set<String> taken = new HashSet<>();
            for (Table table : database.tables()) {
                Jdbc.execute(connection, "CREATE VIEW " + schema + "." + quoted(free(table.name(), taken)) + " AS "
                        + select(table));
            }
            Jdbc.execute(connection, "COMMIT");
            isCommitted = true;
        } finally {
            if (!isCommitted) {
                Jdbc.rollback(connection);
            }
        }
    }

    private static String select(Table table) {
        Set<String> taken = new HashSet<>();
        List<String> items = new ArrayList<>();
        for (TableColumn column : table.columns()) {
            items.add(value(column) + " AS " + quoted(free(column.name(), taken)));
        }
        // Without the catalogue's name: outside, the file is attached under a name of its own.
        return "SELECT " + String.join(", ", items) + " FROM data." + table.rows();
    }

    // Microseconds are the finest that timestamps of this range have.
    private static String value(TableColumn column) {
        return switch (column.type()) {
            case DATETIME -> "make_timestamp((" + column.id() + " - " + Ticks.UNIX_EPOCH + ") // 10)";
            case TIMESPAN -> "to_microseconds(" + column.id() + " // 10)";
            case BOOL, INT, LONG, REAL, DECIMAL, STRING, GUID, DYNAMIC -> column.id();
        };
    }

    // Names that differ only in case are the same for DuckDB.
    private static String free(String name, Set<String> taken) {
        String free = name;
        for (int n = 2; !taken.add(free.toLowerCase(Locale.ROOT)); n++) {
            free = name + "_" + n;
        }
        return free;
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
