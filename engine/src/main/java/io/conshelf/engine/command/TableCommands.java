package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.engine.store.Moments;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Tables: making, shaping, dropping and listing them.
final class TableCommands {
    private TableCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateTable", Access.onTableOrToCreate(Role.VIEWER, Role.USER), TableCommands::create);
        registry.on("CreateMergeTable", Access.onTableOrToCreate(Role.ADMIN, Role.USER), TableCommands::createMerge);
        registry.on("AlterMergeTable", Access.onTable(Role.ADMIN), TableCommands::alterMerge);
        registry.on("AlterTable", Access.onTable(Role.ADMIN), TableCommands::alter);
        registry.on("DropTable", Access.onTable(Role.ADMIN), TableCommands::drop);
        registry.on("ClearTableData", Access.onTable(Role.ADMIN), TableCommands::clear);
        registry.on("AlterTableDocString", Access.onTable(Role.ADMIN), TableCommands::alterDocString);
        registry.on("AlterTableFolder", Access.onTable(Role.ADMIN), TableCommands::alterFolder);
        registry.on("ShowTables", Access.toLook(), TableCommands::show);
        registry.on("ShowTablesDetails", Access.toLook(), TableCommands::showAllDetails);
        registry.on("ShowTableDetails", Access.toLook(), TableCommands::showDetails);
    }

    static List<ColumnSchema> columns(CommandMatch match) {
        var names = match.texts("ColumnName");
        var types = match.texts("ColumnType");
        var columns = new ArrayList<ColumnSchema>();
        for (int i = 0; i < names.size(); i++) {
            columns.add(new ColumnSchema(names.get(i), Type.named(types.get(i)).orElseThrow()));
        }
        return columns;
    }

    /// An existing table stays as it is, whatever the command says of its columns.
    private static CommandResult create(CommandContext context) {
        var existing = context.findTable(context.tableName());
        return existing.isPresent()
                ? schemaRow(context, existing.get())
                : schemaRow(context, context.change(transaction -> make(context, transaction)));
    }

    private static Table make(CommandContext context, Transaction transaction) throws SQLException {
        return transaction.createTable(
                context.tableName(),
                columns(context.match()),
                context.property("folder").orElse(""),
                context.property("docstring").orElse(""));
    }

    private static CommandResult createMerge(CommandContext context) {
        var name = context.tableName();
        var existing = context.findTable(name);
        return existing.isPresent()
                ? alterMerge(context)
                : schemaRow(context, context.change(transaction -> make(context, transaction)));
    }

    private static CommandResult alterMerge(CommandContext context) {
        return schemaRow(context, context.reshape(context.table(), transaction -> described(
                context, transaction, transaction.addColumns(transaction.table(context.tableName()), columns(context.match())))));
    }

    private static CommandResult alter(CommandContext context) {
        return schemaRow(context, context.reshape(context.table(), transaction -> described(
                context, transaction, transaction.setColumns(transaction.table(context.tableName()), columns(context.match())))));
    }

    private static Table described(CommandContext context, Transaction transaction, Table table) {
        var described = table;
        var folder = context.property("folder");
        if (folder.isPresent()) {
            described = transaction.setFolder(described, folder.get());
        }
        var docString = context.property("docstring");
        return docString.isPresent() ? transaction.setDocString(described, docString.get()) : described;
    }

    /// Answers with the tables that remain.
    private static CommandResult drop(CommandContext context) {
        var name = context.tableName();
        if (context.findTable(name).isPresent() || !context.match().has("ifexists")) {
            context.change(transaction -> {
                transaction.dropTable(transaction.table(name));
                return name;
            });
        }
        var rows = CommandResult.of(context.match().command());
        context.database().tables().forEach(table -> rows.row(table.name(), context.database().name()));
        return rows.done();
    }

    private static CommandResult clear(CommandContext context) {
        var name = context.tableName();
        context.writer().loadAlone(context.table().id(), transaction -> transaction.clearRows(transaction.table(name)));
        return CommandResult.of(context.match().command()).row("Succeeded").done();
    }

    private static CommandResult alterDocString(CommandContext context) {
        var text = context.match().text("Documentation");
        return schemaRow(context, context.change(
                transaction -> transaction.setDocString(transaction.table(context.tableName()), text)));
    }

    private static CommandResult alterFolder(CommandContext context) {
        var text = context.match().text("Folder");
        return schemaRow(context, context.change(
                transaction -> transaction.setFolder(transaction.table(context.tableName()), text)));
    }

    private static CommandResult schemaRow(CommandContext context, Table table) {
        return CommandResult.of(context.match().command())
                .row(
                        table.name(), SchemaText.table(table).toString(), context.database().name(), table.folder(),
                        table.docString())
                .done();
    }

    private static CommandResult show(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var table : named(context)) {
            rows.row(table.name(), context.database().name(), table.folder(), table.docString());
        }
        return rows.done();
    }

    /// The tables of a list, each of which must exist; all tables where there is no list.
    private static List<Table> named(CommandContext context) {
        var names = context.match().texts("TableName");
        return names.isEmpty()
                ? List.copyOf(context.database().tables())
                : names.stream().map(context::table).toList();
    }

    private static CommandResult showAllDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        named(context).forEach(table -> detailsRow(rows, context, table));
        return rows.done();
    }

    private static CommandResult showDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        detailsRow(rows, context, context.table());
        return rows.done();
    }

    private static void detailsRow(CommandResult.Rows rows, CommandContext context, Table table) {
        var database = context.database();
        var statistics = context.statistics(table);
        rows.row(
                table.name(), database.name(), table.folder(), table.docString(),
                statistics.extents(), (double) statistics.originalBytes(), (double) statistics.originalBytes(), statistics.rows(),
                statistics.extents(), (double) statistics.originalBytes(), (double) statistics.originalBytes(), statistics.rows(),
                PrincipalText.list(table.grants()),
                effective(database, table, PolicyKind.RETENTION), effective(database, table, PolicyKind.CACHING),
                effective(database, table, PolicyKind.SHARDING), effective(database, table, PolicyKind.MERGE),
                effective(database, table, PolicyKind.STREAMING_INGESTION),
                effective(database, table, PolicyKind.INGESTION_BATCHING),
                statistics.oldest().<Object>map(Moments::ticks).orElse(NULL),
                statistics.newest().<Object>map(Moments::ticks).orElse(NULL),
                effective(database, table, PolicyKind.ROW_ORDER), table.guid());
    }

    private static String effective(Database database, Table table, PolicyKind kind) {
        return database.effectivePolicy(table, kind).or(() -> Optional.of("null")).get();
    }
}
