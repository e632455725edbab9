package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.sqlserver.jdbc.SQLServerBulkCopy;
import com.microsoft.sqlserver.jdbc.SQLServerBulkCopyOptions;
import com.microsoft.sqlserver.jdbc.SQLServerDataTable;
import com.microsoft.sqlserver.jdbc.SQLServerPreparedStatement;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/// Writes by bulk copy: into the table, into one where rows wait to be merged by their key, or to a procedure that takes a table.
///
/// Built by the documentation of the driver and the service; not verified against a server.
final class SqlServerBatch implements SqlBatch {
    private final SqlDatabase.Session session;
    private final SqlSink.Target target;
    private final SqlSink.Settings settings;
    private final String into;

    SqlServerBatch(SqlDatabase.Session session, SqlSink.Target target, SqlSink.Settings settings) throws SQLException {
        this.session = session;
        this.target = target;
        this.settings = settings;
        this.into = switch (settings.write()) {
            case SqlWrite.Insert _ -> target.table().sql();
            case SqlWrite.Upsert upsert -> {
                String name = interimName(upsert);
                execute(interimText(name, target.table(), target.columns()));
                yield name;
            }
            case SqlWrite.Procedure _ -> "";
        };
    }

    private static String interimName(SqlWrite.Upsert upsert) {
        String name = "conshelf_interim_" + UUID.randomUUID().toString().replace("-", "");
        return upsert.interimSchema().map(schema -> SqlDialect.SQL_SERVER.quote(schema) + "." + SqlDialect.SQL_SERVER.quote(name))
                .orElse("#" + name);
    }

    static String interimText(String name, SqlTable table, List<TableColumn> columns) {
        // A union takes off the identity that a column of the table may have, so that bulk copy writes to it.
        String names = names(columns);
        return "SELECT " + names + " INTO " + name + " FROM " + table.sql() + " WHERE 1 = 0 UNION ALL SELECT " + names + " FROM " + table.sql()
                + " WHERE 1 = 0";
    }

    private static String names(List<TableColumn> columns) {
        return columns.stream().map(column -> SqlDialect.SQL_SERVER.quote(column.name())).collect(Collectors.joining(", "));
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = session.connection().createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void send(List<List<JsonNode>> rows) throws SQLException {
        if (settings.write() instanceof SqlWrite.Procedure procedure) {
            call(procedure, rows);
            return;
        }
        SQLServerBulkCopyOptions options = new SQLServerBulkCopyOptions();
        options.setBulkCopyTimeout((int) settings.batchTimeout().toSeconds());
        options.setTableLock(settings.locksTable());
        options.setCheckConstraints(true);
        try (SQLServerBulkCopy bulk = new SQLServerBulkCopy(session.connection())) {
            bulk.setBulkCopyOptions(options);
            bulk.setDestinationTableName(into);
            for (int i = 0; i < target.columns().size(); i++) {
                bulk.addColumnMapping(i + 1, target.columns().get(i).name());
            }
            bulk.writeToServer(new SqlServerRows(target, rows));
        }
    }

    private void call(SqlWrite.Procedure procedure, List<List<JsonNode>> rows) throws SQLException {
        SQLServerDataTable table = new SQLServerDataTable();
        for (Column column : target.source()) {
            table.addColumnMetadata(column.name(), SqlServerRows.jdbcType(column.type()));
        }
        for (List<JsonNode> row : rows) {
            Object[] cells = new Object[row.size()];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = SqlServerRows.value(row.get(i), target.source().get(i).type());
            }
            table.addRow(cells);
        }
        try (PreparedStatement statement = session.connection().prepareStatement(callText(procedure))) {
            statement.unwrap(SQLServerPreparedStatement.class).setStructured(1, procedure.tableType(), table);
            statement.execute();
        }
    }

    static String callText(SqlWrite.Procedure procedure) {
        String others = procedure.parameters().entrySet().stream().sorted(java.util.Map.Entry.comparingByKey())
                .map(parameter -> ", " + SqlProcedure.sqlServerName(parameter.getKey()) + " = " + SqlProcedure.sqlServerValue(parameter.getValue()))
                .collect(Collectors.joining());
        return "EXEC " + SqlProcedure.name(SqlDialect.SQL_SERVER, procedure.name()) + " " + SqlProcedure.sqlServerName(procedure.tableParameter()) + " = ?"
                + others;
    }

    @Override
    public void finish() throws SQLException {
        if (settings.write() instanceof SqlWrite.Upsert) {
            execute(mergeText(into, target));
            execute("DROP TABLE " + into);
        }
    }

    static String mergeText(String interim, SqlSink.Target target) {
        String same = target.keys().stream().map(SqlDialect.SQL_SERVER::quote).map(key -> "t." + key + " = s." + key).collect(Collectors.joining(" AND "));
        String changes = target.columns().stream().map(TableColumn::name).filter(name -> !target.keys().contains(name)).map(SqlDialect.SQL_SERVER::quote)
                .map(name -> "t." + name + " = s." + name).collect(Collectors.joining(", "));
        String names = names(target.columns());
        String values = target.columns().stream().map(column -> "s." + SqlDialect.SQL_SERVER.quote(column.name())).collect(Collectors.joining(", "));
        return "MERGE INTO " + target.table().sql() + " WITH (HOLDLOCK) AS t USING " + interim + " AS s ON " + same
                + (changes.isEmpty() ? "" : " WHEN MATCHED THEN UPDATE SET " + changes)
                + " WHEN NOT MATCHED THEN INSERT (" + names + ") VALUES (" + values + ");";
    }
}
