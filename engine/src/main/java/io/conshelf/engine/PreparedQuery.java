package io.conshelf.engine;

import io.conshelf.engine.command.CommandResult;
import io.conshelf.engine.sql.Statement;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.Optional;

/// A query that is ready to run: its result tables to come, what is told beside them, and what holds for them.
///
/// @param visualization what `render` asked for, as JSON
/// @param cursor        what the next query begins after, where rows are chosen by one
/// @param warnings      what it goes on without
record PreparedQuery(
        List<Planned> tables, Optional<String> visualization, Optional<String> cursor, List<String> warnings, QueryOptions options) {
    /// One result table to come.
    sealed interface Planned {
        String name();

        List<ColumnSchema> columns();
    }

    /// One that DuckDB is asked for.
    record Asked(String name, Statement statement) implements Planned {
        @Override
        public List<ColumnSchema> columns() {
            return statement.columns().stream().map(Column::schema).toList();
        }
    }

    /// One whose rows are known.
    record Known(String name, CommandResult rows) implements Planned {
        @Override
        public List<ColumnSchema> columns() {
            return rows.columns();
        }
    }
}
