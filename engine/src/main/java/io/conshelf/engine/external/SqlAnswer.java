package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.SqlRequest.Answered;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.engine.store.RowLayout;
import io.conshelf.engine.store.Rows;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// The first rows that a server answers a request with, a batch at a time. Nothing that the request changes is kept: it is asked in a
/// transaction that is never committed, as queries do not write. PostgreSQL and MySQL are asked one statement, which cannot end that transaction and go
/// on, unless it calls a procedure of MySQL that does; of SQL Server, whose texts are batches, only the rights of the login keep what a text commits itself.
///
/// @param columns as declared, or as [#columns] told them
/// @param coming  is told how many bytes have come whenever some have, and fails where that is too much
record SqlAnswer(SqlServers servers, SqlRequest request, List<TableColumn> columns, LongConsumer coming) implements ForeignRows {
    private static final int ROWS_AT_ONCE = 2_048;
    private static final long BYTES_AT_ONCE = 4 << 20;
    private static final int FETCH_FIRST = 1_000;

    SqlAnswer {
        columns = List.copyOf(columns);
    }

    /// The columns that the server says the answer will have.
    static List<ColumnSchema> columns(SqlServers servers, SqlRequest request, WriteStop stop) {
        var asking = new Asking(servers, request);
        Runnable release = asking::letGo;
        stop.whenStopped(release);
        try {
            return asking.described().stream().map(Answered::schema).toList();
        } catch (SQLException e) {
            stop.check();
            throw request.failed(e);
        } finally {
            stop.hasEnded(release);
            asking.letGo();
        }
    }

    @Override
    public int threadsMax() {
        return 1;
    }

    @Override
    public Scan open(List<TableColumn> wanted) {
        return new AnswerScan(new Asking(servers, request), wanted);
    }

    /// One conversation with the server. Whoever waits in it is let go from another thread.
    private static final class Asking {
        private final SqlServers servers;
        private final SqlRequest request;
        private Optional<Connection> connection = Optional.empty();
        private Optional<PreparedStatement> statement = Optional.empty();
        private boolean isOver;

        Asking(SqlServers servers, SqlRequest request) {
            this.servers = servers;
            this.request = request;
        }

        private PreparedStatement prepared(int rowsAtOnce) throws SQLException {
            var opened = kept(servers.connect(request.target(), request.token()));
            opened.setReadOnly(true);
            for (String setting : settings(request.target().dialect())) {
                try (var statement = opened.createStatement()) {
                    statement.execute(setting);
                }
            }
            opened.setAutoCommit(false);
            request.requireOneStatement();
            var made = opened.prepareStatement(request.text().sql(), ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
            // Without it drivers hold the whole answer before anybody can count it.
            made.setFetchSize(rowsAtOnce);
            synchronized (this) {
                statement = Optional.of(made);
            }
            request.set(made);
            return made;
        }

        private static List<String> settings(SqlDialect dialect) {
            return switch (dialect) {
                // The text is read as the server reads it.
                case POSTGRESQL -> List.of("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET standard_conforming_strings = on");
                // Moments that have a zone come in that of the session.
                case MYSQL -> List.of("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'");
                case SQL_SERVER -> List.of();
            };
        }

        private Connection kept(Connection opened) throws SQLException {
            synchronized (this) {
                if (!isOver) {
                    connection = Optional.of(opened);
                    return opened;
                }
            }
            opened.close();
            throw new SQLException("the request was stopped");
        }

        List<Answered> described() throws SQLException {
            // Of rows that are only asked for to tell their columns, the least that may come is one.
            var made = prepared(1);
            var shape = made.getMetaData();
            // MySQL does not know the types of values beforehand, nor what a procedure gives.
            boolean isUnknown = shape == null || request.target().dialect() == SqlDialect.MYSQL
                    && (shape.getColumnCount() == 0 || !request.text().names().isEmpty());
            // What the server cannot tell without doing it is done, and taken back.
            return request.answered(isUnknown ? first(made).getMetaData() : shape);
        }

        ResultSet rows() throws SQLException {
            return first(prepared(fetchFirst(request.target().dialect())));
        }

        /// How many rows are fetched before any are counted.
        private static int fetchFirst(SqlDialect dialect) {
            return switch (dialect) {
                case POSTGRESQL, SQL_SERVER -> FETCH_FIRST;
                // The driver reads on by itself from what the server sends, without asking it again.
                case MYSQL -> 1;
            };
        }

        private ResultSet first(PreparedStatement made) throws SQLException {
            boolean hasRows = made.execute();
            while (!hasRows && made.getUpdateCount() >= 0) {
                hasRows = made.getMoreResults();
            }
            if (!hasRows) {
                throw new KustoException(Errors.badRequest(request.plugin() + ": the text gives no rows"));
            }
            return made.getResultSet();
        }

        /// The server is told to stop, and the connection ends without a word: nothing is committed.
        void letGo() {
            Optional<Connection> open;
            Optional<PreparedStatement> running;
            synchronized (this) {
                isOver = true;
                open = connection;
                running = statement;
                connection = Optional.empty();
                statement = Optional.empty();
            }
            try {
                if (running.isPresent()) {
                    running.get().cancel();
                }
                if (open.isPresent()) {
                    open.get().abort(Runnable::run);
                }
            } catch (SQLException _) {
                // It may have ended by itself.
                return;
            }
        }
    }

    private final class AnswerScan implements Scan {
        private final Asking asking;
        private final List<TableColumn> wanted;
        private final RowLayout layout;
        private final List<SqlCell> cells = new ArrayList<>();
        private Optional<ResultSet> rows = Optional.empty();
        private boolean isEnded;

        AnswerScan(Asking asking, List<TableColumn> wanted) {
            this.asking = asking;
            this.wanted = List.copyOf(wanted);
            layout = RowLayout.of(wanted);
        }

        @Override
        public synchronized Optional<Rows> next() {
            if (isEnded) {
                return Optional.empty();
            }
            try {
                if (rows.isEmpty()) {
                    rows = Optional.of(begun());
                }
                return batch(rows.get());
            } catch (SQLException e) {
                throw request.failed(e);
            }
        }

        private ResultSet begun() throws SQLException {
            var answer = asking.rows();
            var told = request.answered(answer.getMetaData());
            check(told);
            for (TableColumn column : wanted) {
                int index = told.indexOf(source(told, column));
                cells.add(SqlCell.of(told.get(index).source(), column.type(), index + 1));
            }
            return answer;
        }

        /// The column of the same name, or the only one whose name differs in case alone.
        private Answered source(List<Answered> told, TableColumn column) {
            return one(told, answered -> answered.schema().name().equals(column.name()))
                    .or(() -> one(told, answered -> answered.schema().name().equalsIgnoreCase(column.name())))
                    .filter(answered -> SqlRequest.fits(column.type(), answered.schema().type()))
                    .orElseThrow(() -> differs(told));
        }

        private static Optional<Answered> one(List<Answered> told, Predicate<Answered> isMeant) {
            var found = told.stream().filter(isMeant).toList();
            return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
        }

        private void check(List<Answered> told) {
            if (told.size() != columns.size()) {
                throw differs(told);
            }
            columns.forEach(column -> source(told, column));
        }

        private KustoException differs(List<Answered> told) {
            return new KustoException(Errors.badRequest(request.plugin() + ": the answer has the columns ("
                    + told.stream().map(answered -> answered.schema().toString()).collect(Collectors.joining(", ")) + "), which are not ("
                    + columns.stream().map(column -> column.schema().toString()).collect(Collectors.joining(", ")) + ")"));
        }

        private Optional<Rows> batch(ResultSet answer) throws SQLException {
            List<RowColumn> written = Rows.columnsFor(layout);
            int count = 0;
            while (count < ROWS_AT_ONCE && !isEnded && written.stream().mapToLong(RowColumn::textBytes).sum() < BYTES_AT_ONCE) {
                isEnded = !answer.next();
                if (!isEnded) {
                    for (int i = 0; i < cells.size(); i++) {
                        cells.get(i).read(answer, written.get(i), count);
                    }
                    count++;
                }
            }
            var rows = new Rows(layout, written, count);
            coming.accept(rows.memoryBytes());
            return count == 0 ? Optional.empty() : Optional.of(rows);
        }

        @Override
        public void close() {
            asking.letGo();
        }
    }
}
