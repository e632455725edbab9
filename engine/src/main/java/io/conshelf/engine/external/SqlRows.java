package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Expr;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rows of a table of a SQL server: only the columns that are asked for, only rows that may be wanted, a batch at a time.
///
/// @param predicates rows may be left out that do not fulfil each of these
record SqlRows(SqlServers servers, SqlConnectionString target, ExternalTable.Sql table, List<Expr> predicates) implements ForeignRows {
    private static final int ROWS_AT_ONCE = 2_048;
    private static final int FETCH_FIRST = 1_000;

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        Connection connection = servers.connect(target, "");
        boolean isOpen = false;
        try {
            connection.setReadOnly(true);
            // Only within a transaction does PostgreSQL hand out a result in parts.
            connection.setAutoCommit(false);
            var found = SqlTable.find(connection, table.dialect(), table.table()).orElseThrow(() -> new KustoException(Errors.badRequest(
                    target + " has no table '" + table.table() + "'")));
            var scan = new SqlScan(connection, target, found, wanted, SqlFilter.of(found, predicates));
            isOpen = true;
            return scan;
        } catch (SQLException e) {
            throw SqlServers.failed(target, e);
        } finally {
            if (!isOpen) {
                closed(connection);
            }
        }
    }

    private static void closed(Connection connection) {
        try {
            connection.close();
        } catch (SQLException _) {
            // It was being given up.
            return;
        }
    }

    /// One reading.
    private static final class SqlScan implements Scan {
        private final Connection connection;
        private final SqlConnectionString target;
        private final RowLayout layout;
        private final List<SqlCell> cells = new ArrayList<>();
        private final PreparedStatement statement;
        private final ResultSet rows;
        private boolean isEnded;

        SqlScan(Connection connection, SqlConnectionString target, SqlTable table, List<TableColumn> wanted, SqlFilter filter)
                throws SQLException {
            this.connection = connection;
            this.target = target;
            layout = RowLayout.of(wanted);
            var items = new ArrayList<String>();
            for (TableColumn column : wanted) {
                var source = table.column(column.name()).orElseThrow(() -> new KustoException(Errors.badRequest(
                        "the SQL table '" + table.name() + "' of " + target + " has no column '" + column.name() + "'")));
                items.add(SqlTable.quoted(table.dialect(), source.name()));
                cells.add(SqlCell.of(source, column.type(), items.size()));
            }
            statement = connection.prepareStatement(
                    "SELECT " + (items.isEmpty() ? "1" : String.join(", ", items)) + " FROM " + table.sql() + filter.where(),
                    ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
            filter.set(statement);
            statement.setFetchSize(FETCH_FIRST);
            rows = statement.executeQuery();
        }

        @Override
        public synchronized Optional<Rows> next() {
            if (isEnded) {
                return Optional.empty();
            }
            List<RowColumn> columns = Rows.columnsFor(layout);
            int count = 0;
            try {
                while (count < ROWS_AT_ONCE && !isEnded) {
                    isEnded = !rows.next();
                    if (!isEnded) {
                        for (int i = 0; i < cells.size(); i++) {
                            cells.get(i).read(rows, columns.get(i), count);
                        }
                        count++;
                    }
                }
            } catch (SQLException e) {
                throw SqlServers.failed(target, e);
            }
            return count == 0 ? Optional.empty() : Optional.of(new Rows(layout, columns, count));
        }

        /// A thread that waits for the server is let go: the server is told to stop.
        @Override
        public void close() {
            try {
                statement.cancel();
            } catch (SQLException _) {
                // It may have ended by itself.
            }
            closed(connection);
        }
    }
}
