package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is done to several tables in one transaction, and with one table after the pattern of another.
final class TableGroupCommands {
    private TableGroupCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateTables", Access.onTableOrToCreate(Role.VIEWER, Role.USER), TableCommands.PROPERTIES,
                TableGroupCommands::create);
        registry.on("CreateMergeTables", Access.onTableOrToCreate(Role.ADMIN, Role.USER), TableCommands.PROPERTIES,
                TableGroupCommands::createMerge);
        registry.on("CreateTableBasedOnAnother", Access.onDatabase(Role.ADMIN), TableCommands.PROPERTIES,
                TableGroupCommands::createBasedOn);
        registry.on("RenameTable", Access.onTable(Role.ADMIN), TableGroupCommands::rename);
        registry.on("RenameTables", Access.onTable(Role.ADMIN), TableGroupCommands::rename);
        registry.on("DropTables", Access.onTable(Role.ADMIN), TableGroupCommands::drop);
    }

    /// The columns of each table, in the order written.
    private static Map<String, List<ColumnSchema>> columns(CommandContext context) {
        var tables = new LinkedHashMap<String, List<ColumnSchema>>();
        var name = "";
        var columns = new ArrayList<ColumnSchema>();
        for (var argument : context.match().arguments()) {
            switch (argument.name()) {
                case "TableName" -> {
                    name = argument.text();
                    columns = new ArrayList<>();
                    if (tables.put(name, columns) != null) {
                        throw new KustoException(Errors.badRequest("the table '" + name + "' is given twice"));
                    }
                }
                // The type follows.
                case "ColumnName" -> columns.add(new ColumnSchema(argument.text(), Type.STRING));
                case "ColumnType" -> {
                    var column = columns.removeLast().name();
                    columns.add(new ColumnSchema(column, Type.named(argument.text()).orElseThrow()));
                }
                default -> {
                    // properties
                }
            }
        }
        return tables;
    }

    private static CommandResult create(CommandContext context) {
        var tables = columns(context);
        context.change(transaction -> {
            for (var table : tables.entrySet()) {
                if (transaction.database().table(table.getKey()).isEmpty()) {
                    make(context, transaction, table.getKey(), table.getValue());
                }
            }
            return tables;
        });
        return rows(context, tables.keySet());
    }

    private static Table make(CommandContext context, Transaction transaction, String name, List<ColumnSchema> columns)
            throws SQLException {
        return TableCommands.described(
                context, transaction, context.owned(transaction, transaction.createTable(name, columns, "", "")));
    }

    /// A wrong type of one column leaves all tables as they are.
    private static CommandResult createMerge(CommandContext context) {
        var tables = columns(context);
        var existing = tables.keySet().stream().flatMap(name -> context.findTable(name).stream()).toList();
        context.reshape(existing, transaction -> {
            for (var table : tables.entrySet()) {
                var found = transaction.database().table(table.getKey());
                if (found.isPresent()) {
                    TableCommands.described(context, transaction, transaction.addColumns(found.get(), table.getValue()));
                } else {
                    make(context, transaction, table.getKey(), table.getValue());
                }
            }
            return tables;
        });
        return rows(context, tables.keySet());
    }

    /// Everything but the rows, the principals and the update policy.
    private static CommandResult createBasedOn(CommandContext context) {
        var name = context.match().text("NewTableName");
        var existing = context.findTable(name);
        if (existing.isPresent()) {
            if (context.match().has("ifnotexists")) {
                return TableCommands.schemaRow(context, existing.get());
            }
            throw new KustoException(StorageErrors.entityExists("Table", name));
        }
        return TableCommands.schemaRow(context, context.change(transaction -> {
            var pattern = transaction.table(context.tableName());
            var table = context.owned(transaction, transaction.createTable(
                    name, pattern.schema(), pattern.folder(), "Created based on **" + pattern.name() + "**"));
            for (var column : pattern.columns()) {
                if (!column.docString().isEmpty()) {
                    table = transaction.describeColumn(table, column.name(), column.docString());
                }
            }
            for (var policy : pattern.policies().entrySet()) {
                if (policy.getKey() != PolicyKind.UPDATE) {
                    table = transaction.setPolicy(table, policy.getKey(), Optional.of(policy.getValue()));
                }
            }
            for (var mapping : pattern.mappings()) {
                transaction.putMapping(table, mapping.kind(), mapping.name(), mapping.json());
            }
            return TableCommands.described(context, transaction, transaction.table(name));
        }));
    }

    /// All at once, so that tables may take each other's names.
    private static CommandResult rename(CommandContext context) {
        var names = names(context);
        if (names.isEmpty()) {
            return rows(context, Set.of());
        }
        context.change(transaction -> {
            var renamed = new LinkedHashMap<Table, String>();
            for (var name : names.entrySet()) {
                if (renamed.put(transaction.table(name.getKey()), name.getValue()) != null) {
                    throw new KustoException(Errors.badRequest("the table '" + name.getKey() + "' is given twice"));
                }
            }
            transaction.renameTables(renamed);
            return renamed;
        });
        return rows(context, new LinkedHashSet<>(names.values()));
    }

    /// The new name of each table; those that are missing and may be are left out.
    private static Map<String, String> names(CommandContext context) {
        var names = new LinkedHashMap<String, String>();
        var oldNames = context.match().texts("TableName");
        var newNames = context.match().texts("NewTableName");
        var mayBeMissing = mayBeMissing(context);
        for (int i = 0; i < oldNames.size(); i++) {
            if (context.findTable(oldNames.get(i)).isPresent() || !mayBeMissing.contains(i)) {
                if (names.put(oldNames.get(i), newNames.get(i)) != null) {
                    throw new KustoException(Errors.badRequest("the table '" + oldNames.get(i) + "' is given twice"));
                }
            }
        }
        return names;
    }

    private static Set<Integer> mayBeMissing(CommandContext context) {
        var indexes = new LinkedHashSet<Integer>();
        int index = -1;
        for (var argument : context.match().arguments()) {
            if (argument.name().equals("TableName")) {
                index++;
            } else if (argument.name().equals("IfExists")) {
                indexes.add(index);
            }
        }
        return indexes;
    }

    /// Answers with the tables that remain.
    private static CommandResult drop(CommandContext context) {
        var names = Set.copyOf(context.match().texts("TableName"));
        context.change(transaction -> {
            for (var name : names) {
                if (transaction.database().table(name).isPresent() || !context.match().has("ifexists")) {
                    transaction.dropTable(transaction.table(name));
                }
            }
            return names;
        });
        var rows = CommandResult.of(context.match().command());
        context.database().tables().forEach(table -> rows.row(table.name(), context.database().name()));
        return rows.done();
    }

    private static CommandResult rows(CommandContext context, Set<String> names) {
        var rows = CommandResult.of(context.match().command());
        for (var name : names) {
            var table = context.table(name);
            rows.row(table.name(), context.database().name(), table.folder(), table.docString());
        }
        return rows.done();
    }
}
