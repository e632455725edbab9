package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Appends rows to a table a batch at a time. Rows that a unique key has already are left out, so that rows that come again change nothing.
public final class SqlInserts {
    private static final String INSERTING = "Inserting rows";

    private final SqlDatabase database;
    private final SqlTable table;

    private SqlInserts(SqlDatabase database, SqlTable table) {
        this.database = database;
        this.table = table;
    }

    /// What a column takes.
    public enum Takes { WHOLE_NUMBERS, NUMBERS, TIMES, FLAGS, TEXTS, OTHER }

    public record Column(String name, Takes takes) {}

    /// How a batch went.
    ///
    /// @param refused rows that the table did not take for another reason than their key; the first reason
    public record Outcome(int written, int duplicates, int refused, Optional<String> reason) {}

    public enum OnRefusal { FAIL, SKIP }

    public static SqlInserts of(SqlDatabase database, String table) throws StoreException {
        try (SqlDatabase.Session session = database.session()) {
            return new SqlInserts(database, SqlTable.require(session.connection(), database.target(), SqlTableName.parse(table)));
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), "Looking for the table", failure);
        }
    }

    /// The column of a name, whatever its case where only one is meant.
    public Optional<Column> column(String name) {
        return table.column(name).map(column -> new Column(column.name(), switch (column.jdbcType()) {
            case Types.BIT, Types.BOOLEAN -> Takes.FLAGS;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> Takes.WHOLE_NUMBERS;
            case Types.REAL, Types.FLOAT, Types.DOUBLE, Types.NUMERIC, Types.DECIMAL -> Takes.NUMBERS;
            case Types.DATE, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, TextCell.DATETIME_WITH_OFFSET -> Takes.TIMES;
            case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.NCHAR, Types.NVARCHAR, Types.LONGNVARCHAR, Types.CLOB, Types.NCLOB -> Takes.TEXTS;
            default -> Takes.OTHER;
        }));
    }

    /// @param columns as the table spells them
    /// @param rows    a text for each column, which the server reads as the column's type; null where there is none
    public Outcome insert(List<String> columns, List<String[]> rows, OnRefusal onRefusal) throws StoreException {
        try (SqlDatabase.Session session = database.session()) {
            Connection connection = session.connection();
            connection.setAutoCommit(false);
            try {
                int written = batch(connection, columns, rows);
                connection.commit();
                return new Outcome(written, rows.size() - written, 0, Optional.empty());
            } catch (SQLException failure) {
                SQLException reason = failure.getNextException() == null ? failure : failure.getNextException();
                connection.rollback();
                if (!SqlFailure.isOfData(reason)) {
                    session.spend();
                    throw SqlFailure.running(database.target(), INSERTING, reason);
                }
                return singly(connection, columns, rows, onRefusal);
            }
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), INSERTING, failure);
        }
    }

    private String statement(List<String> columns) {
        SqlDialect dialect = database.dialect();
        return "INSERT INTO " + table.sql() + " (" + columns.stream().map(dialect::quote).collect(Collectors.joining(", ")) + ") VALUES ("
                + columns.stream().map(_ -> "?").collect(Collectors.joining(", ")) + ")" + (dialect == SqlDialect.POSTGRESQL ? " ON CONFLICT DO NOTHING" : "");
    }

    private int batch(Connection connection, List<String> columns, List<String[]> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(statement(columns))) {
            for (String[] row : rows) {
                bind(statement, row);
                statement.addBatch();
            }
            int written = 0;
            for (int count : statement.executeBatch()) {
                // A driver that does not tell has written it: a key that is there would have failed.
                written += count == 0 ? 0 : 1;
            }
            return written;
        }
    }

    private static void bind(PreparedStatement statement, String[] row) throws SQLException {
        for (int i = 0; i < row.length; i++) {
            if (row[i] == null) {
                statement.setNull(i + 1, Types.VARCHAR);
            } else {
                statement.setString(i + 1, row[i]);
            }
        }
    }

    /// One row after another: those that are there already, or cannot be there, do not take the others with them.
    private Outcome singly(Connection connection, List<String> columns, List<String[]> rows, OnRefusal onRefusal) throws SQLException, StoreException {
        int written = 0;
        int duplicates = 0;
        List<String> refused = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(statement(columns))) {
            for (String[] row : rows) {
                var before = connection.setSavepoint();
                try {
                    bind(statement, row);
                    int count = statement.executeUpdate();
                    written += count;
                    duplicates += 1 - count;
                    if (database.dialect() == SqlDialect.POSTGRESQL) {
                        connection.releaseSavepoint(before);
                    }
                } catch (SQLException failure) {
                    if (!SqlFailure.isOfData(failure)) {
                        throw failure;
                    }
                    connection.rollback(before);
                    // SQL Server's numbers for a unique key and a unique index.
                    if (failure.getErrorCode() == 2627 || failure.getErrorCode() == 2601 || "23505".equals(failure.getSQLState())) {
                        duplicates++;
                    } else if (onRefusal == OnRefusal.FAIL) {
                        connection.rollback();
                        throw SqlFailure.running(database.target(), INSERTING, failure);
                    } else {
                        refused.add(SqlFailure.message(failure));
                    }
                }
            }
        }
        connection.commit();
        return new Outcome(written, duplicates, refused.size(), refused.stream().findFirst());
    }
}
