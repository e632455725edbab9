package io.conshelf.connectors.sql;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A table or view that a server has, in its own spelling.
public record SqlTable(SqlDialect dialect, String schema, String name, List<TableColumn> columns) {
    /// @param jdbcType of `java.sql.Types`
    /// @param typeName the server's, in lower case: `int8`, `nvarchar`
    public record TableColumn(String name, int jdbcType, String typeName) {}

    public SqlTable {
        columns = List.copyOf(columns);
    }

    static Optional<SqlTable> find(Connection connection, SqlDialect dialect, SqlTableName wanted) throws SQLException {
        Optional<SqlTable> exact = lookUp(connection, dialect, wanted);
        return exact.isPresent() || dialect != SqlDialect.POSTGRESQL ? exact : lookUp(connection, dialect, wanted.folded());
    }

    static SqlTable require(Connection connection, SqlTarget target, SqlTableName wanted) throws SQLException, StoreException {
        return find(connection, target.dialect(), wanted).orElseThrow(() -> StoreException.user("SqlTableNotFound", "There is no table '" + wanted
                + "' in " + target));
    }

    private static Optional<SqlTable> lookUp(Connection connection, SqlDialect dialect, SqlTableName wanted) throws SQLException {
        String sql = switch (dialect) {
            case POSTGRESQL -> "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                    + "WHERE c.relname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND "
                    + (wanted.schema().isPresent() ? "n.nspname = ?" : "pg_catalog.pg_table_is_visible(c.oid)");
            case SQL_SERVER -> "SELECT s.name, o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id "
                    + "WHERE o.name = ? AND o.type IN ('U', 'V') AND s.name = " + (wanted.schema().isPresent() ? "?" : "SCHEMA_NAME()");
        };
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, wanted.table());
            if (wanted.schema().isPresent()) {
                query.setString(2, wanted.schema().get());
            }
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                SqlTable found = new SqlTable(dialect, rows.getString(1), rows.getString(2), List.of());
                return Optional.of(new SqlTable(dialect, found.schema(), found.name(), columns(connection, found.sql())));
            }
        }
    }

    /// The columns of what can stand behind FROM.
    static List<TableColumn> columns(Connection connection, String from) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet nothing = statement.executeQuery("SELECT * FROM " + from + " WHERE 1 = 0")) {
            return columns(nothing.getMetaData());
        }
    }

    static List<TableColumn> columns(ResultSetMetaData shape) throws SQLException {
        List<TableColumn> columns = new ArrayList<>();
        for (int i = 1; i <= shape.getColumnCount(); i++) {
            columns.add(new TableColumn(shape.getColumnLabel(i), shape.getColumnType(i), shape.getColumnTypeName(i).toLowerCase(Locale.ROOT)));
        }
        return columns;
    }

    /// The names of the primary key's columns in its order; none where it has no key.
    List<String> primaryKey(Connection connection) throws SQLException {
        TreeMap<Integer, String> names = new TreeMap<>();
        try (ResultSet rows = connection.getMetaData().getPrimaryKeys(null, schema, name)) {
            while (rows.next()) {
                names.put(rows.getInt("KEY_SEQ"), rows.getString("COLUMN_NAME"));
            }
        }
        return List.copyOf(names.values());
    }

    /// A column of this name, or the only one whose name differs in case alone.
    Optional<TableColumn> column(String wanted) {
        Optional<TableColumn> exact = columns.stream().filter(column -> column.name().equals(wanted)).findFirst();
        if (exact.isPresent()) {
            return exact;
        }
        List<TableColumn> like = columns.stream().filter(column -> column.name().equalsIgnoreCase(wanted)).toList();
        return like.size() == 1 ? Optional.of(like.getFirst()) : Optional.empty();
    }

    /// Its name in SQL.
    String sql() {
        return dialect.quote(schema) + "." + dialect.quote(name);
    }

    /// Makes a table for columns.
    static void create(Connection connection, SqlDialect dialect, SqlTableName table, List<Column> columns) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(createText(dialect, table, columns));
        }
    }

    static String createText(SqlDialect dialect, SqlTableName table, List<Column> columns) {
        String name = table.schema().map(schema -> dialect.quote(schema) + ".").orElse("") + dialect.quote(table.table());
        return "CREATE TABLE " + name + " (" + columns.stream().map(column -> dialect.quote(column.name()) + " " + dialect.columnType(column.type()))
                .collect(Collectors.joining(", ")) + ")";
    }
}
