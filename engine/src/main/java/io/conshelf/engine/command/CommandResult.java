package io.conshelf.engine.command;

import io.conshelf.kql.command.CommandSyntax;
import io.conshelf.kql.type.ColumnSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The table a command answers with: small, so it is held whole.
///
/// @param rows cells in the Java form of [io.conshelf.kql.type.Type]; a Kusto null is an empty `Optional`
public record CommandResult(List<ColumnSchema> columns, List<List<Object>> rows) {
    public CommandResult {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// A Kusto null in a row.
    public static final Object NULL = Optional.empty();

    /// Rows of the columns that the command's declaration gives.
    public static Rows of(CommandSyntax command) {
        return new Rows(command.output()
                .orElseThrow(() -> new IllegalStateException(command.name() + " declares no columns")));
    }

    public static Rows of(List<ColumnSchema> columns) {
        return new Rows(columns);
    }

    /// Collects rows and checks that each fits.
    public static final class Rows {
        private final List<ColumnSchema> columns;
        private final List<List<Object>> rows = new ArrayList<>();

        private Rows(List<ColumnSchema> columns) {
            this.columns = columns;
        }

        public Rows row(Object... cells) {
            if (cells.length != columns.size()) {
                throw new IllegalStateException("a row of " + cells.length + " cells for the columns " + columns);
            }
            rows.add(List.of(cells));
            return this;
        }

        public CommandResult done() {
            return new CommandResult(columns, rows);
        }
    }
}
