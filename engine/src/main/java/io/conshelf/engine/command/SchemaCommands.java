package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import io.conshelf.engine.store.Database;

/// Schemas of tables and databases as text.
final class SchemaCommands {
    /// Which kinds of entities a schema shows; none named means all.
    private static final Set<String> KINDS = Set.of("tables", "externaltables", "materializedviews", "functions");

    private SchemaCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowTableCslSchema", Access.toLook(), SchemaCommands::tableCsl);
        registry.on("ShowTableSchemaAsJson", Access.toLook(), SchemaCommands::tableJson);
        registry.on("ShowDatabaseCslSchema", Access.toLook(), SchemaCommands::databaseCsl);
        registry.on("ShowDatabaseSchema", Access.toLook(), SchemaCommands::databaseFlat);
        registry.on("ShowDatabaseSchemaAsJson", Access.toLook(), KINDS, SchemaCommands::databaseJson);
        registry.on("ShowDatabasesSchema", Access.anyone(), SchemaCommands::databasesFlat);
        registry.on("ShowDatabasesSchemaAsJson", Access.anyone(), KINDS, SchemaCommands::databasesJson);
        registry.on("ShowSchema", Access.anyone(), SchemaCommands::everything);
        registry.on("ShowFunctionSchemaAsJson", Access.toLook(), SchemaCommands::functionJson);
        registry.on("ShowDatabaseSchemaViolations", Access.toLook(), c -> CommandResult.of(c.match().command()).done());
        registry.on("ShowDatabaseSchemaAsCslScript", Access.toLook(), SchemaScript.OPTIONS, SchemaScript::show);
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
        addFlat(rows, database);
        return rows.done();
    }

    /// Of all databases that the principal may look at, or of those named with the versions they must be later than.
    private static CommandResult databasesFlat(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        later(context).forEach(database -> addFlat(rows, database));
        return rows.done();
    }

    private static CommandResult databasesJson(CommandContext context) {
        var json = JsonNodeFactory.instance.objectNode();
        var databases = json.putObject("Databases");
        later(context).forEach(database -> databases.set(database.name(), chosen(context, database)));
        return CommandResult.of(context.match().command()).row(json.toString()).done();
    }

    /// All databases that the principal may look at, in the columns of `.show databases schema` or as one JSON text.
    private static CommandResult everything(CommandContext context) {
        if (context.match().has("json")) {
            var json = JsonNodeFactory.instance.objectNode();
            var databases = json.putObject("Databases");
            later(context).forEach(database -> databases.set(database.name(), chosen(context, database)));
            return CommandResult.of(List.of(new ColumnSchema("ClusterSchema", Type.STRING))).row(json.toString()).done();
        }
        var rows = CommandResult.of(CommandCatalogue.service().named("ShowDatabasesSchema").orElseThrow());
        later(context).forEach(database -> addFlat(rows, database));
        return rows.done();
    }

    private static CommandResult functionJson(CommandContext context) {
        var name = context.match().text("functionName");
        var database = context.database();
        var function = database.function(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Function", name)));
        var json = SchemaText.function(function);
        context.services().outputOf(context.request(), database, function)
                .ifPresent(columns -> json.set("OutputColumns", SchemaText.columns(columns)));
        return CommandResult.of(CommandCatalogue.service().named("ShowTableSchemaAsJson").orElseThrow().output().orElseThrow().stream()
                        .map(c -> c.name().equals("TableName") ? new ColumnSchema("Name", c.type()) : c)
                        .toList())
                .row(name, json.toString(), database.name(), function.folder(), function.docString())
                .done();
    }

    private static List<Database> later(CommandContext context) {
        var principal = context.request().principal();
        var named = new ArrayList<Database>();
        for (var argument : context.match().arguments()) {
            if (argument.name().equals("DatabaseName")) {
                var database = context.database(argument.text());
                Authorization.require(principal, database, Role.VIEWER, Role.MONITOR);
                named.add(database);
            } else if (argument.name().equals("Version") && !isLaterThan(context, argument.text(), named.getLast())) {
                named.removeLast();
            }
        }
        boolean namesSome = context.match().find("DatabaseName").isPresent();
        return namesSome ? named : context.snapshot().databases().stream()
                .filter(database -> Authorization.holds(principal, database, Role.VIEWER, Role.MONITOR))
                .toList();
    }

    private static JsonNode chosen(CommandContext context, Database database) {
        var json = SchemaText.database(database);
        var views = json.withObject("/MaterializedViews");
        database.viewsByName().values().forEach(view -> views.set(
                view.name(), SchemaText.view(view, view.columns())));
        if (KINDS.stream().noneMatch(kind -> context.property(kind).isPresent())) {
            return json;
        }
        for (var kind : List.of("Tables", "ExternalTables", "MaterializedViews", "Functions")) {
            if (!context.isTrue(kind.toLowerCase(Locale.ROOT))) {
                json.putObject(kind);
            }
        }
        return json;
    }

    private static void addFlat(CommandResult.Rows rows, Database database) {
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
    }

    private static CommandResult databaseJson(CommandContext context) {
        var database = context.database();
        var rows = CommandResult.of(context.match().command());
        if (!isLater(context, "Version", database)) {
            return rows.done();
        }
        var json = JsonNodeFactory.instance.objectNode();
        json.putObject("Databases").set(database.name(), chosen(context, database));
        return rows.row(json.toString()).done();
    }

    /// Whether the schema is later than the version that `if_later_than` names; true where it names none.
    static boolean isLater(CommandContext context, String argument, Database database) {
        var than = context.match().find(argument);
        if (than.isEmpty()) {
            return true;
        }
        return isLaterThan(context, than.get().text(), database);
    }

    private static boolean isLaterThan(CommandContext context, String text, Database database) {
        var parts = (text.startsWith("v") ? text.substring(1) : text).split("\\.");
        try {
            return database.version() > (parts.length > 1 ? Long.parseLong(parts[1]) : 0);
        } catch (NumberFormatException _) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "if_later_than", "'" + text + "' is not a version such as \"v1.7\""));
        }
    }
}
