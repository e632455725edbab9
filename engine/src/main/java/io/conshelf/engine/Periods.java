package io.conshelf.engine;

import io.conshelf.kql.value.Ticks;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Cuts rows into periods of whole days, no more than a number of them.
final class Periods {
    private Periods() {}

    /// The first and the last tick of each period that has rows, oldest first.
    ///
    /// @param column of ticks
    static List<long[]> of(Connection connection, String table, String column, int max) throws SQLException {
        long days = 1;
        while (true) {
            long length = days * Ticks.DAY;
            var periods = new ArrayList<long[]>();
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("SELECT DISTINCT " + column + " // " + length + " AS period FROM " + table
                            + " WHERE " + column + " IS NOT NULL ORDER BY period LIMIT " + (max + 1))) {
                while (rows.next()) {
                    periods.add(new long[] {rows.getLong(1) * length, (rows.getLong(1) + 1) * length - 1});
                }
            }
            if (periods.size() <= max) {
                return periods;
            }
            days *= 10;
        }
    }
}
