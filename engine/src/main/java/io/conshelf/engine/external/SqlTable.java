package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.sql.Connection;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A table of a SQL server, found by the name that a command gives it.
///
/// @param schema  in the server's own spelling, as all names here
public record SqlTable(SqlDialect dialect, String schema, String name, List<Column> columns) {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N} _.-]{1,257}");

    public SqlTable {
        columns = List.copyOf(columns);
    }

    /// @param type     of `java.sql.Types`
    /// @param typeName the server's: `int8`, `nvarchar`
    public record Column(String name, int type, String typeName) {}

    /// A table's name with its schema; empty where the command names none.
    record Name(String schema, String table) {}

    /// @throws KustoException when the name has anything but letters, digits, blanks and `_ . -`
    static Name name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new KustoException(Errors.badRequest("the SQL table name '" + text
                    + "' may have letters, digits, blanks, '_', '.' and '-' alone"));
        }
        int dot = text.indexOf('.');
        return dot < 0 ? new Name("", text.strip()) : new Name(text.substring(0, dot).strip(), text.substring(dot + 1).strip());
    }

    /// Refuses a name that no table can have here.
    public static void checkName(String text) {
        name(text);
    }

    /// The table, if the server has it.
    public static Optional<SqlTable> find(Connection connection, SqlDialect dialect, String text) throws SQLException {
        var wanted = name(text);
        String schema = wanted.schema().isEmpty() ? "= " + currentSchema(dialect) : "IN (?, lower(?))";
        String sql = "SELECT table_schema, table_name FROM information_schema.tables WHERE lower(table_name) = lower(?) AND table_schema "
                + schema + " ORDER BY CASE WHEN table_name = ? THEN 0 ELSE 1 END";
        try (var query = connection.prepareStatement(sql)) {
            int at = 1;
            query.setString(at++, wanted.table());
            if (!wanted.schema().isEmpty()) {
                query.setString(at++, wanted.schema());
                query.setString(at++, wanted.schema());
            }
            query.setString(at, wanted.table());
            try (var rows = query.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                var found = new SqlTable(dialect, rows.getString(1), rows.getString(2), List.of());
                return Optional.of(new SqlTable(dialect, found.schema(), found.name(), columns(connection, found)));
            }
        }
    }

    private static String currentSchema(SqlDialect dialect) {
        return switch (dialect) {
            case POSTGRESQL -> "current_schema()";
            case MYSQL -> "database()";
            case SQL_SERVER -> "schema_name()";
        };
    }

    private static List<Column> columns(Connection connection, SqlTable table) throws SQLException {
        try (var statement = connection.createStatement();
                var nothing = statement.executeQuery("SELECT * FROM " + table.sql() + " WHERE 1 = 0")) {
            ResultSetMetaData shape = nothing.getMetaData();
            var columns = new ArrayList<Column>();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                columns.add(new Column(
                        shape.getColumnName(i), shape.getColumnType(i), shape.getColumnTypeName(i).toLowerCase(Locale.ROOT)));
            }
            return columns;
        }
    }

    /// A column of this name, or the only one whose name differs in case alone.
    public Optional<Column> column(String wanted) {
        var exact = columns.stream().filter(c -> c.name().equals(wanted)).findFirst();
        if (exact.isPresent()) {
            return exact;
        }
        var like = columns.stream().filter(c -> c.name().equalsIgnoreCase(wanted)).toList();
        return like.size() == 1 ? Optional.of(like.getFirst()) : Optional.empty();
    }

    /// Its name in SQL.
    public String sql() {
        return quoted(dialect, schema) + "." + quoted(dialect, name);
    }

    public static String quoted(SqlDialect dialect, String name) {
        return switch (dialect) {
            case POSTGRESQL -> '"' + name.replace("\"", "\"\"") + '"';
            case MYSQL -> '`' + name.replace("`", "``") + '`';
            case SQL_SERVER -> '[' + name.replace("]", "]]") + ']';
        };
    }
}
