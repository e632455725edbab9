package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.List;
import java.util.StringJoiner;

/// What the values of tables look like.
final class ColumnStatisticsCommands {
    private static final List<ColumnSchema> COLUMNS = List.of(
            new ColumnSchema("DatabaseName", Type.STRING),
            new ColumnSchema("TableName", Type.STRING),
            new ColumnSchema("ColumnName", Type.STRING),
            new ColumnSchema("ColumnType", Type.STRING),
            new ColumnSchema("RowCount", Type.LONG),
            new ColumnSchema("EmptyCount", Type.LONG),
            new ColumnSchema("DistinctCount", Type.LONG),
            new ColumnSchema("MinValue", Type.STRING),
            new ColumnSchema("MaxValue", Type.STRING));

    private ColumnStatisticsCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowTableColumnStatitics", Access.onDatabase(Role.VIEWER), ColumnStatisticsCommands::columns);
        registry.on("ShowDatabaseExtentsPartitioningStatistics", Access.toLook(), ColumnStatisticsCommands::partitioning);
    }

    /// The documentation tells no columns for this one. It reads the rows as a query would, so it shows what one may see.
    private static CommandResult columns(CommandContext context) {
        var table = context.table();
        var rows = CommandResult.of(COLUMNS);
        var source = context.services().source(context.request(), query(table.name(), table.columns()));
        try (var connection = context.services().connect(); var reading = context.storage().read(connection)) {
            var query = context.services().bind(context.request(), source, reading);
            try (var statement = connection.createStatement(); var figures = statement.executeQuery(query.sql())) {
                figures.next();
                int at = 2;
                for (var column : table.columns()) {
                    rows.row(
                            context.database().name(), table.name(), column.name(), column.type().kustoName(), figures.getLong(1),
                            figures.getLong(at), figures.getLong(at + 1), figures.getString(at + 2), figures.getString(at + 3));
                    at += 4;
                }
            }
            return rows.done();
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("The statistics could not be made", e), e);
        }
    }

    private static String query(String table, List<TableColumn> columns) {
        var aggregates = new StringJoiner(", ", "table(" + SchemaText.literal(table) + ") | summarize ", "");
        aggregates.add("count()");
        for (var column : columns) {
            var name = SchemaText.name(column.name());
            var text = "tostring(" + name + ")";
            boolean isOrdered = column.type() != Type.DYNAMIC && column.type() != Type.BOOL && column.type() != Type.GUID;
            aggregates.add("countif(isempty(" + text + "))").add("dcount(" + text + ")");
            aggregates.add(isOrdered ? "tostring(min(" + name + "))" : "take_any('')");
            aggregates.add(isOrdered ? "tostring(max(" + name + "))" : "take_any('')");
        }
        return aggregates.toString();
    }

    /// Rows are not partitioned: the policy is kept and shown.
    private static CommandResult partitioning(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var table : context.database().tables()) {
            table.policy(PolicyKind.PARTITIONING).ifPresent(policy ->
                    rows.row(table.name(), policy, context.statistics(table).rows(), 0L, 0.0));
        }
        return rows.done();
    }
}
