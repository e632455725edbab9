package io.conshelf.connectors.sql;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a query returns, and how it is asked to print it.
final class SqlColumns {
    private SqlColumns() {}

    /// A column of SQL Server, or of a PostgreSQL statement that cannot stand inside another.
    static Column column(SqlDialect dialect, TableColumn source) {
        return dialect == SqlDialect.POSTGRESQL ? PostgresText.column(source) : new Column(source.name(), type(source));
    }

    private static ValueType type(TableColumn source) {
        return switch (source.jdbcType()) {
            case Types.BIT, Types.BOOLEAN -> ValueType.BOOL;
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER -> ValueType.INT;
            case Types.BIGINT -> ValueType.LONG;
            case Types.REAL, Types.FLOAT, Types.DOUBLE -> ValueType.REAL;
            case Types.NUMERIC, Types.DECIMAL -> ValueType.DECIMAL;
            case Types.DATE, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, TextCell.DATETIME_WITH_OFFSET -> ValueType.DATETIME;
            case Types.TIME -> ValueType.TIMESPAN;
            default -> source.typeName().equals("uniqueidentifier") ? ValueType.GUID : ValueType.STRING;
        };
    }

    /// The statement without what ends it, so that it can stand inside another. A line break ends a comment.
    static String inner(String query) {
        return query.strip().replaceFirst("[;\\s]+$", "") + "\n";
    }

    /// The columns of a query that can stand inside another; empty for other statements, which tell what is wrong with them when they run.
    static Optional<List<TableColumn>> describe(Connection connection, String query) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement();
                ResultSet nothing = statement.executeQuery("SELECT * FROM (" + inner(query) + ") AS q LIMIT 0")) {
            return Optional.of(SqlTable.columns(nothing.getMetaData()));
        } catch (SQLException other) {
            if (connection.isClosed() || other.getSQLState() != null && other.getSQLState().startsWith("08")) {
                throw other;
            }
            connection.rollback(before);
            return Optional.empty();
        }
    }

    /// The query with every value printed as [PostgresText] says.
    static String printed(String query, List<TableColumn> columns) {
        String names = IntStream.range(0, columns.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        String values = IntStream.range(0, columns.size()).mapToObj(i -> PostgresText.expression("q.c" + i, columns.get(i)))
                .collect(Collectors.joining(", "));
        return "SELECT " + values + " FROM (" + inner(query) + ") AS q(" + names + ")";
    }

    static StoreException noResult(SqlTarget target) {
        return StoreException.user("SqlInvalidDbQueryString", "The query on " + target + " returns no rows and no columns; end it with a SELECT");
    }
}
