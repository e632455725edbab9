package io.conshelf.engine.external;

import com.microsoft.sqlserver.jdbc.SQLServerBulkCopy;
import com.microsoft.sqlserver.jdbc.SQLServerBulkCopyOptions;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/// Writes rows in bulk into a table of a SQL server, which is made where that is asked for.
///
/// @param token in place of user and password; empty where there is none
public record SqlExport(SqlServers servers, SqlConnectionString target, Sql table, String token) {
    private static final int COPY_BYTES = 1 << 16;
    private static final int BULK_ROWS = 10_000;
    private static final int BULK_SECONDS_MAX = 3_600;

    /// Refuses a server that may not be reached, and a name that no table can have.
    public void check() {
        SqlTable.checkName(table.table());
        servers.check(target);
    }

    /// @param duck   reads the rows
    /// @param select of the columns, in the storage types of [io.conshelf.engine.store.Reading]
    /// @return how many rows there were
    public long copy(Connection duck, List<ColumnSchema> columns, String select, WriteStop stop) throws SQLException {
        check();
        try (var connection = servers.connect(target, token)) {
            try {
                var found = SqlTable.find(connection, table.dialect(), table.table());
                if (found.isEmpty() && table.createsTable()) {
                    create(connection, columns);
                    found = SqlTable.find(connection, table.dialect(), table.table());
                }
                var into = found.orElseThrow(() -> new KustoException(Errors.badRequest(target + " has no table '" + table.table()
                        + "': make it first, or say createifnotexists=true and name its primarykey")));
                var targets = targets(into, columns);
                return switch (table.dialect()) {
                    case POSTGRESQL -> copyIn(connection, duck, into, targets, columns, select, stop);
                    case SQL_SERVER -> bulkCopy(connection, duck, into, targets, columns, select, stop);
                    case MYSQL -> throw new KustoException(Errors.notSupported("exports to SQL of the dialect 'MySQL'; supported are SqlServer and PostgreSQL"));
                };
            } catch (SQLException e) {
                stop.check();
                throw SqlServers.failed(target, e);
            }
        }
    }

    // ---- the table

    private void create(Connection connection, List<ColumnSchema> columns) throws SQLException {
        if (columns.stream().noneMatch(c -> c.name().equals(table.primaryKey()))) {
            throw new KustoException(Errors.badRequest("'createifnotexists' needs the primary key's column: the result has no column '"
                    + table.primaryKey() + "'"));
        }
        var name = SqlTable.name(table.table());
        var definitions = columns.stream()
                .map(c -> SqlTable.quoted(table.dialect(), c.name()) + " " + typeOf(c.type())
                        + (c.name().equals(table.primaryKey()) ? " NOT NULL" : ""))
                .collect(Collectors.joining(", "));
        String qualified = (name.schema().isEmpty() ? "" : SqlTable.quoted(table.dialect(), name.schema()) + ".")
                + SqlTable.quoted(table.dialect(), name.table());
        try (var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + qualified + " (" + definitions + ", PRIMARY KEY ("
                    + SqlTable.quoted(table.dialect(), table.primaryKey()) + "))");
        }
    }

    private String typeOf(Type type) {
        boolean isPostgres = table.dialect() == SqlDialect.POSTGRESQL;
        return switch (type) {
            case BOOL -> isPostgres ? "boolean" : "bit";
            case INT -> isPostgres ? "integer" : "int";
            // Ticks: neither server keeps longer spans exactly.
            case LONG, TIMESPAN -> "bigint";
            case REAL -> isPostgres ? "double precision" : "float";
            case DECIMAL -> isPostgres ? "numeric" : "decimal(38,17)";
            case DATETIME -> isPostgres ? "timestamp with time zone" : "datetime2(7)";
            case GUID -> isPostgres ? "uuid" : "uniqueidentifier";
            case STRING, DYNAMIC -> isPostgres ? "text" : "nvarchar(max)";
        };
    }

    /// The table's columns that the rows go to, which are found by name.
    private List<SqlTable.Column> targets(SqlTable into, List<ColumnSchema> columns) {
        var targets = new ArrayList<SqlTable.Column>();
        for (ColumnSchema column : columns) {
            var found = into.column(column.name()).orElseThrow(() -> new KustoException(Errors.badRequest(
                    "the SQL table '" + into.name() + "' of " + target + " has no column '" + column.name() + "'")));
            if (!accepts(found, column.type())) {
                throw new KustoException(Errors.badRequest("the column '" + found.name() + "' of the SQL table '" + into.name()
                        + "' has the type " + found.typeName() + ", which does not take values of the type " + column.type()));
            }
            targets.add(found);
        }
        return targets;
    }

    private static final Set<String> TEXTS = Set.of("text", "varchar", "bpchar", "nvarchar", "char", "nchar", "ntext");

    private static boolean accepts(SqlTable.Column column, Type type) {
        String name = column.typeName().toLowerCase(Locale.ROOT).replaceFirst(" identity$", "");
        Set<String> own = switch (type) {
            case BOOL -> Set.of("bool", "boolean", "bit");
            case INT -> Set.of("int4", "int8", "serial", "bigserial", "numeric", "decimal", "float8", "float", "int", "bigint");
            case LONG -> Set.of("int8", "bigserial", "numeric", "decimal", "float8", "float", "bigint");
            case REAL -> Set.of("float8", "float", "float4", "real");
            case DECIMAL -> Set.of("numeric", "decimal", "money");
            case DATETIME -> Set.of("timestamp", "timestamptz", "datetime", "datetime2", "datetimeoffset");
            case TIMESPAN -> Set.of("int8", "bigint", "interval", "numeric", "decimal");
            case GUID -> Set.of("uuid", "uniqueidentifier");
            case STRING -> Set.of("json", "jsonb", "xml", "name");
            case DYNAMIC -> Set.of("json", "jsonb");
        };
        return TEXTS.contains(name) || own.contains(name);
    }

    // ---- PostgreSQL

    private long copyIn(
            Connection connection, Connection duck, SqlTable into, List<SqlTable.Column> targets, List<ColumnSchema> columns,
            String select, WriteStop stop) throws SQLException {
        var values = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(text("v" + i, columns.get(i).type(), targets.get(i)));
        }
        String names = targets.stream().map(c -> SqlTable.quoted(table.dialect(), c.name())).collect(Collectors.joining(", "));
        connection.setAutoCommit(false);
        var copy = connection.unwrap(PGConnection.class).getCopyAPI()
                .copyIn("COPY " + into.sql() + " (" + names + ") FROM STDIN (FORMAT csv)");
        boolean isDone = false;
        try (var statement = duck.createStatement()) {
            long rows = stop.during(statement, () -> {
                try (var source = statement.executeQuery(selecting(columns, select, values))) {
                    return stream(copy, source, columns.size(), stop);
                }
            });
            copy.endCopy();
            stop.check();
            connection.commit();
            isDone = true;
            return rows;
        } finally {
            if (!isDone && copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static String selecting(List<ColumnSchema> columns, String select, List<String> values) {
        var names = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            names.add("v" + i);
        }
        return "SELECT " + String.join(", ", values) + " FROM (" + select + ") AS q(" + String.join(", ", names) + ")";
    }

    private static long stream(CopyIn copy, ResultSet source, int columns, WriteStop stop) throws SQLException {
        var buffer = new StringBuilder();
        long rows = 0;
        while (source.next()) {
            for (int i = 1; i <= columns; i++) {
                if (i > 1) {
                    buffer.append(',');
                }
                String cell = source.getString(i);
                if (cell != null) {
                    buffer.append('"').append(cell.replace("\"", "\"\"")).append('"');
                }
            }
            buffer.append('\n');
            rows++;
            if (buffer.length() >= COPY_BYTES) {
                flush(copy, buffer);
                stop.check();
            }
        }
        flush(copy, buffer);
        return rows;
    }

    private static void flush(CopyIn copy, StringBuilder buffer) throws SQLException {
        byte[] bytes = buffer.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            copy.writeToCopy(bytes, 0, bytes.length);
        }
        buffer.setLength(0);
    }

    /// The value's text in SQL, as PostgreSQL reads it; a null stays one.
    private static String text(String value, Type type, SqlTable.Column target) {
        return switch (type) {
            case STRING -> value;
            case BOOL, INT, LONG, REAL, GUID -> "CAST(" + value + " AS VARCHAR)";
            case DECIMAL -> "kql_decimal_text(" + value + ")";
            // It has microseconds: rounded towards the past, as everywhere.
            case DATETIME -> TEXTS.contains(target.typeName())
                    ? "kql_datetime_text(" + value + ")"
                    : "left(kql_datetime_text(" + value + "), 26) || 'Z'";
            case TIMESPAN -> TEXTS.contains(target.typeName())
                    ? "kql_timespan_text(" + value + ")"
                    : target.typeName().equals("interval")
                            ? "CAST(" + value + " // 10 AS VARCHAR) || ' microseconds'"
                            : "CAST(" + value + " AS VARCHAR)";
            case DYNAMIC -> "kql_plain_json(" + value + ")";
        };
    }

    // ---- SQL Server

    private long bulkCopy(
            Connection connection, Connection duck, SqlTable into, List<SqlTable.Column> targets, List<ColumnSchema> columns,
            String select, WriteStop stop) throws SQLException {
        var values = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(SqlBulkRows.value("v" + i, columns.get(i).type()));
        }
        var options = new SQLServerBulkCopyOptions();
        options.setFireTriggers(table.firesTriggers());
        options.setBatchSize(BULK_ROWS);
        options.setBulkCopyTimeout(BULK_SECONDS_MAX);
        try (var statement = duck.createStatement();
                var bulk = new SQLServerBulkCopy(connection)) {
            bulk.setBulkCopyOptions(options);
            bulk.setDestinationTableName(into.sql());
            for (int i = 0; i < targets.size(); i++) {
                bulk.addColumnMapping(i + 1, targets.get(i).name());
            }
            return stop.during(statement, () -> {
                try (var source = statement.executeQuery(selecting(columns, select, values))) {
                    var rows = new SqlBulkRows(source, columns, stop);
                    bulk.writeToServer(rows);
                    return rows.count();
                }
            });
        }
    }

    /// Without the token.
    @Override
    public String toString() {
        return "export to " + table.table() + " of " + target;
    }
}
