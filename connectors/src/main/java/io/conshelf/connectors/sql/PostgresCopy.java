package io.conshelf.connectors.sql;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.CsvRecords;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.postgresql.copy.CopyOut;

/// A query's result as PostgreSQL's `COPY` writes it: one record a row, made by the server and handed on as it is.
final class PostgresCopy implements CsvRecords {
    private static final byte[] EMPTY_LINE = {'\n'};
    private static final byte[] EMPTY_FIELD = {'"', '"', '\n'};

    private final SqlDatabase database;
    private final SqlDatabase.Session session;
    private final CopyOut copy;
    private final List<Column> columns;

    private PostgresCopy(SqlDatabase database, SqlDatabase.Session session, CopyOut copy, List<Column> columns) {
        this.database = database;
        this.session = session;
        this.copy = copy;
        this.columns = columns;
    }

    /// Empty where the statement cannot stand inside another, and has to be read by rows.
    static Optional<CsvRecords> open(SqlDatabase database, String query, SqlReading reading) throws StoreException {
        SqlDatabase.Session session = null;
        boolean isOpen = false;
        try {
            session = reading.begin(database);
            Optional<List<TableColumn>> columns = SqlColumns.describe(session.connection(), query);
            if (columns.isEmpty() || columns.get().isEmpty()) {
                return Optional.empty();
            }
            CopyOut copy = session.postgres().getCopyAPI().copyOut("COPY (" + SqlColumns.printed(query, columns.get()) + ") TO STDOUT (FORMAT csv)");
            PostgresCopy opened = new PostgresCopy(database, session, copy, columns.get().stream().map(PostgresText::column).toList());
            isOpen = true;
            return Optional.of(opened);
        } catch (SQLException failure) {
            if (session != null) {
                session.cancel();
            }
            throw SqlFailure.running(database.target(), "The query", failure);
        } finally {
            if (!isOpen && session != null) {
                session.close();
            }
        }
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<byte[]> next() throws StoreException {
        try {
            byte[] row = copy.readFromCopy();
            if (row == null) {
                // Functions that read may also write, and what they wrote is meant.
                session.connection().commit();
                return Optional.empty();
            }
            // A record of one null would read as an empty line.
            return Optional.of(row.length == EMPTY_LINE.length && columns.size() == 1 ? EMPTY_FIELD : row);
        } catch (SQLException failure) {
            session.cancel();
            throw SqlFailure.running(database.target(), "The query", failure);
        }
    }

    @Override
    public void close() throws StoreException {
        if (copy.isActive()) {
            session.cancel();
        }
        session.close();
    }
}
