package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Database;

/// Schemas of tables and databases as text.
final class SchemaCommands {
    private SchemaCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowTableCslSchema", Access.toLook(), SchemaCommands::tableCsl);
        registry.on("ShowTableSchemaAsJson", Access.toLook(), SchemaCommands::tableJson);
        registry.on("ShowDatabaseCslSchema", Access.toLook(), SchemaCommands::databaseCsl);
        registry.on("ShowDatabaseSchema", Access.toLook(), SchemaCommands::databaseFlat);
        registry.on("ShowDatabaseSchemaAsJson", Access.toLook(), SchemaCommands::databaseJson);
    }

    private static CommandResult tableCsl(CommandContext context) {
        var table = context.table();
        return CommandResult.of(context.match().command())
                .row(table.name(), SchemaText.csl(table.schema()), context.database().name(), table.folder(), table.docString())
                .done();
    }

    private static CommandResult tableJson(CommandContext context) {
        var table = context.table();
        return CommandResult.of(context.match().command())
                .row(
                        table.name(), SchemaText.table(table).toString(), context.database().name(), table.folder(),
                        table.docString())
                .done();
    }

    private static CommandResult databaseCsl(CommandContext context) {
        var database = named(context);
        var rows = CommandResult.of(context.match().command());
        if (isLater(context, "databaseVersion", database)) {
            for (var table : database.tables()) {
                rows.row(table.name(), SchemaText.csl(table.schema()), database.name(), table.folder(), table.docString());
            }
        }
        return rows.done();
    }

    // The grammar of this one command writes its argument in lower case.
    private static Database named(CommandContext context) {
        return context.match().find("databaseName").map(a -> context.database(a.text())).orElseGet(context::database);
    }

    /// One row for the database, one a table, one a column.
    private static CommandResult databaseFlat(CommandContext context) {
        var database = context.database();
        var rows = CommandResult.of(context.match().command());
        if (!isLater(context, "Version", database)) {
            return rows.done();
        }
        var version = SchemaText.version(database);
        rows.row(database.name(), "", "", "", false, false, database.prettyName(), version, "", "");
        for (var table : database.tables()) {
            rows.row(database.name(), table.name(), "", "", false, false, "", "", table.folder(), table.docString());
            for (var column : table.columns()) {
                rows.row(
                        database.name(), table.name(), column.name(), column.type().clrName(), false, false, "", "", "",
                        column.docString());
            }
        }
        return rows.done();
    }

    private static CommandResult databaseJson(CommandContext context) {
        var database = context.database();
        var rows = CommandResult.of(context.match().command());
        if (!isLater(context, "Version", database)) {
            return rows.done();
        }
        var json = JsonNodeFactory.instance.objectNode();
        json.putObject("Databases").set(database.name(), SchemaText.database(database));
        return rows.row(json.toString()).done();
    }

    /// Whether the schema is later than the version that `if_later_than` names; true where it names none.
    private static boolean isLater(CommandContext context, String argument, Database database) {
        var than = context.match().find(argument);
        if (than.isEmpty()) {
            return true;
        }
        var text = than.get().text();
        var parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.");
        try {
            return database.version() > (parts.length > 1 ? Long.parseLong(parts[1]) : 0);
        } catch (NumberFormatException _) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "if_later_than", "'" + text + "' is not a version such as \"v1.7\""));
        }
    }
}
