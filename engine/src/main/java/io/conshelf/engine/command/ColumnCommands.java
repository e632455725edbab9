package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.List;

/// Columns of tables: their names, types and descriptions.
final class ColumnCommands {
    private ColumnCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("AlterColumnType", Access.onTable(Role.ADMIN), ColumnCommands::alterType);
        registry.on("RenameColumn", Access.onTable(Role.ADMIN), ColumnCommands::rename);
        registry.on("RenameColumns", Access.onTable(Role.ADMIN), ColumnCommands::swap);
        registry.on("DropColumn", Access.onTable(Role.ADMIN), ColumnCommands::drop);
        registry.on("DropTableColumns", Access.onTable(Role.ADMIN), ColumnCommands::dropSeveral);
        registry.on("AlterTableColumnDocStrings", Access.onTable(Role.ADMIN), c -> describe(c, true));
        registry.on("AlterMergeTableColumnDocStrings", Access.onTable(Role.ADMIN), c -> describe(c, false));
    }

    /// The values of before are null from now on, also where the type comes back later.
    private static CommandResult alterType(CommandContext context) {
        var name = CommandContext.columnName(context.match().text("ColumnName"));
        var type = Type.named(context.match().text("ColumnType")).orElseThrow();
        var table = context.reshape(context.table(), transaction -> transaction.alterColumnType(
                transaction.table(context.tableName()), name, type));
        return row(context, table, List.of(name));
    }

    private static CommandResult rename(CommandContext context) {
        var from = CommandContext.columnName(context.match().text("ColumnName"));
        var to = context.match().text("NewColumnName");
        var table = context.reshape(context.table(), transaction -> transaction.renameColumn(
                transaction.table(context.tableName()), from, to));
        return row(context, table, List.of(to));
    }

    /// All at once, so that columns may take each other's names.
    private static CommandResult swap(CommandContext context) {
        if (context.tableNames().size() != 1) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "columns", "all are of one table, found " + String.join(", ", context.tableNames())));
        }
        var from = context.match().texts("ColumnName").stream().map(CommandContext::columnName).toList();
        var to = context.match().texts("NewColumnName");
        var table = context.reshape(context.table(), transaction -> {
            var renamed = transaction.table(context.tableName());
            // By way of names that nothing has.
            for (int i = 0; i < from.size(); i++) {
                renamed = transaction.renameColumn(renamed, from.get(i), between(renamed, i));
            }
            for (int i = 0; i < to.size(); i++) {
                renamed = transaction.renameColumn(renamed, between(renamed, i), to.get(i));
            }
            return renamed;
        });
        return row(context, table, to);
    }

    private static String between(Table table, int index) {
        return "renamed " + table.guid() + " " + index;
    }

    private static CommandResult row(CommandContext context, Table table, List<String> columns) {
        var rows = CommandResult.of(context.match().command());
        for (var name : columns) {
            rows.row(
                    "[" + context.database().name() + "].[" + table.name() + "].[" + name + "]",
                    table.column(name).orElseThrow().type().clrName(), NULL);
        }
        return rows.done();
    }

    private static CommandResult drop(CommandContext context) {
        var name = CommandContext.columnName(context.match().text("ColumnName"));
        var table = context.table();
        if (table.column(name).isEmpty() && context.match().has("ifexists")) {
            return TableCommands.schemaRow(context, table);
        }
        return dropped(context, List.of(name));
    }

    private static CommandResult dropSeveral(CommandContext context) {
        return dropped(context, context.match().texts("ColumnName"));
    }

    private static CommandResult dropped(CommandContext context, List<String> names) {
        return TableCommands.schemaRow(context, context.reshape(context.table(), transaction ->
                transaction.dropColumns(transaction.table(context.tableName()), names)));
    }

    /// @param clears whether columns that are not listed lose theirs
    private static CommandResult describe(CommandContext context, boolean clears) {
        var names = context.match().texts("ColumnName");
        var texts = context.match().texts("DocString");
        var described = context.reshape(context.table(), transaction -> {
            var table = transaction.table(context.tableName());
            if (clears) {
                for (var column : table.columns()) {
                    table = described(transaction, table, column, "");
                }
            }
            for (int i = 0; i < names.size(); i++) {
                var name = names.get(i);
                var column = table.column(name)
                        .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Column", name)));
                table = described(transaction, table, column, texts.get(i));
            }
            return table;
        });
        return TableCommands.schemaRow(context, described);
    }

    private static Table described(Transaction transaction, Table table, TableColumn column, String text) throws SQLException {
        return column.docString().equals(text) ? table : transaction.describeColumn(table, column.name(), text);
    }
}
