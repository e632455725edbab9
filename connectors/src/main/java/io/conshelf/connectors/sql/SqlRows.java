package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The rows of one query, fetched as they are read.
final class SqlRows implements RowReader {
    private static final String READING = "The query";

    private final SqlDatabase database;
    private final SqlDatabase.Session session;
    private final Statement statement;
    private final ResultSet rows;
    private final List<TableColumn> shape;
    private final List<Column> columns;
    private final boolean isPrinted;
    private boolean isAtEnd;

    private SqlRows(SqlDatabase database, SqlDatabase.Session session, Statement statement, ResultSet rows, List<TableColumn> shape, boolean isPrinted) {
        this.database = database;
        this.session = session;
        this.statement = statement;
        this.rows = rows;
        this.shape = shape;
        this.columns = shape.stream().map(column -> SqlColumns.column(database.dialect(), column)).toList();
        this.isPrinted = isPrinted;
    }

    static SqlRows open(SqlDatabase database, String query, SqlReading reading) throws StoreException {
        SqlDatabase.Session session = null;
        boolean isOpen = false;
        try {
            session = reading.begin(database);
            Optional<List<TableColumn>> columns = database.dialect() == SqlDialect.POSTGRESQL ? SqlColumns.describe(session.connection(), query)
                    : Optional.empty();
            Statement statement = reading.statement(session);
            if (database.dialect() == SqlDialect.SQL_SERVER) {
                statement.setQueryTimeout((int) Math.min(Integer.MAX_VALUE, reading.timeout().toSeconds()));
            }
            ResultSet rows = firstResult(database, statement, columns.isPresent() ? SqlColumns.printed(query, columns.get()) : query);
            List<TableColumn> shape = columns.isPresent() ? columns.get() : SqlTable.columns(rows.getMetaData());
            isOpen = true;
            return new SqlRows(database, session, statement, rows, shape, columns.isPresent());
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), READING, failure);
        } finally {
            if (!isOpen && session != null) {
                session.cancel();
                session.close();
            }
        }
    }

    private static ResultSet firstResult(SqlDatabase database, Statement statement, String query) throws SQLException, StoreException {
        boolean isResult = statement.execute(query);
        while (!isResult) {
            if (statement.getUpdateCount() < 0) {
                throw SqlColumns.noResult(database.target());
            }
            isResult = statement.getMoreResults();
        }
        return statement.getResultSet();
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        if (isAtEnd) {
            return Optional.empty();
        }
        try {
            if (!rows.next()) {
                isAtEnd = true;
                requireNoMore();
                return Optional.empty();
            }
            List<JsonNode> cells = new ArrayList<>(columns.size());
            for (int i = 0; i < columns.size(); i++) {
                cells.add(isPrinted ? TextCell.of(columns.get(i).type(), rows.getString(i + 1))
                        : TextCell.read(rows, i + 1, shape.get(i).jdbcType(), shape.get(i).typeName(), columns.get(i).type()));
            }
            return Optional.of(cells);
        } catch (SQLException failure) {
            session.cancel();
            throw SqlFailure.running(database.target(), READING, failure);
        }
    }

    private void requireNoMore() throws SQLException, StoreException {
        boolean isResult = statement.getMoreResults();
        while (!isResult && statement.getUpdateCount() >= 0) {
            isResult = statement.getMoreResults();
        }
        if (isResult) {
            throw StoreException.user("SqlSeveralResults", "The query on " + database.target() + " returns more than one result set; select one");
        }
        // Procedures that read may also write, and what they wrote is meant.
        session.connection().commit();
    }

    @Override
    public void close() throws StoreException {
        try {
            if (!isAtEnd) {
                statement.cancel();
                session.spend();
            }
            statement.close();
        } catch (SQLException broken) {
            session.spend();
        } finally {
            session.close();
        }
    }
}
