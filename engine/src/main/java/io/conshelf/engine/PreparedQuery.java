package io.conshelf.engine;

import io.conshelf.engine.command.CommandResult;
import io.conshelf.engine.sql.Statement;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// A query that is ready to run: its result tables to come, and what is told beside them.
///
/// @param visualizations what `render` asked for, as JSON, by the places of the tables
/// @param cursor         what the next query begins after, where rows are chosen by one
/// @param warnings       what it goes on without
/// @param settings       what its `set` statements say
record PreparedQuery(List<Planned> tables, SortedMap<Integer, String> visualizations, Optional<String> cursor, List<String> warnings,
        Map<String, Object> settings) {
    /// One result table to come.
    sealed interface Planned {
        String name();

        /// What holds for it.
        QueryOptions options();

        List<ColumnSchema> columns();
    }

    /// One that DuckDB is asked for.
    record Asked(String name, Statement statement, QueryOptions options) implements Planned {
        @Override
        public List<ColumnSchema> columns() {
            return statement.columns().stream().map(Column::schema).toList();
        }
    }

    /// One whose rows are known.
    record Known(String name, CommandResult rows, QueryOptions options) implements Planned {
        @Override
        public List<ColumnSchema> columns() {
            return rows.columns();
        }
    }
}
