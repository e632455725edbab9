package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.engine.store.Moments;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Tables: making, shaping, dropping and listing them.
final class TableCommands {
    /// What `with (…)` may say of a table.
    static final Set<String> PROPERTIES = Set.of("folder", "docstring", "hidden");

    private TableCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateTable", Access.onTableOrToCreate(Role.VIEWER, Role.USER), PROPERTIES, TableCommands::create);
        registry.on("CreateMergeTable", Access.onTableOrToCreate(Role.ADMIN, Role.USER), PROPERTIES, TableCommands::createMerge);
        registry.on("AlterMergeTable", Access.onTable(Role.ADMIN), PROPERTIES, TableCommands::alterMerge);
        registry.on("AlterTable", Access.onTable(Role.ADMIN), PROPERTIES, TableCommands::alter);
        registry.on("DropTable", Access.onTable(Role.ADMIN), TableCommands::drop);
        registry.on("ClearTableData", Access.onTable(Role.ADMIN), TableCommands::clear);
        registry.on("AlterTableDocString", Access.onTable(Role.ADMIN), TableCommands::alterDocString);
        registry.on("AlterTableFolder", Access.onTable(Role.ADMIN), TableCommands::alterFolder);
        registry.on("ShowTables", Access.toLook(), Set.of("includehiddentables"), TableCommands::show);
        registry.on("ShowTablesDetails", Access.toLook(), TableCommands::showAllDetails);
        registry.on("ShowTableDataStatistics", Access.toLook(), Set.of("samplepercent", "scope"), TableCommands::showStatistics);
        registry.on("ShowTable", Access.toLook(), TableCommands::showColumns);
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
        return described(
                context, transaction,
                context.owned(transaction, transaction.createTable(context.tableName(), columns(context.match()), "", "")));
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

    /// Gives a table what `with (…)` says.
    static Table described(CommandContext context, Transaction transaction, Table table) {
        var described = table;
        var folder = context.property("folder");
        if (folder.isPresent()) {
            described = transaction.setFolder(described, folder.get());
        }
        var docString = context.property("docstring");
        if (docString.isPresent()) {
            described = transaction.setDocString(described, docString.get());
        }
        var hidden = context.property("hidden");
        return hidden.isPresent() ? transaction.setHidden(described, context.isTrue("hidden")) : described;
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

    static CommandResult schemaRow(CommandContext context, Table table) {
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
                ? context.database().tables().stream()
                        .filter(table -> !table.isHidden() || context.isTrue("includehiddentables"))
                        .toList()
                : names.stream().map(context::table).toList();
    }

    /// A row a column. What a column takes of the storage is not known: all of a table's columns lie in one file.
    private static CommandResult showColumns(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var table = context.table();
        for (var column : table.columns()) {
            rows.row(
                    column.name(), column.type().clrName(), NULL, NULL, NULL, NULL, NULL,
                    columnId(table, column), NULL, "");
        }
        return rows.done();
    }

    /// All rows are counted, whatever sample is asked for; what a column takes of the storage is not known.
    private static CommandResult showStatistics(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var table = context.table();
        long count = context.statistics(table).rows();
        for (var column : table.columns()) {
            rows.row(
                    column.name(), column.type().kustoName(), columnId(table, column), NULL, NULL, NULL, NULL, NULL, NULL, NULL, "",
                    count, 0L, 100.0, true);
        }
        return rows.done();
    }

    private static UUID columnId(Table table, TableColumn column) {
        return UUID.nameUUIDFromBytes((table.guid() + column.id()).getBytes(StandardCharsets.UTF_8));
    }

    private static CommandResult showAllDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        double storedPart = context.storage().storedPart(context.database());
        named(context).forEach(table -> detailsRow(rows, context, table, storedPart));
        return rows.done();
    }

    private static CommandResult showDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        detailsRow(rows, context, context.table(), context.storage().storedPart(context.database()));
        return rows.done();
    }

    private static void detailsRow(CommandResult.Rows rows, CommandContext context, Table table, double storedPart) {
        var database = context.database();
        var statistics = context.statistics(table);
        double stored = statistics.originalBytes() * storedPart;
        rows.row(
                table.name(), database.name(), table.folder(), table.docString(),
                statistics.extents(), stored, (double) statistics.originalBytes(), statistics.rows(),
                statistics.extents(), stored, (double) statistics.originalBytes(), statistics.rows(),
                PrincipalText.list(table.grants()),
                effective(context, table, PolicyKind.RETENTION), effective(context, table, PolicyKind.CACHING),
                effective(context, table, PolicyKind.SHARDING), effective(context, table, PolicyKind.MERGE),
                effective(context, table, PolicyKind.STREAMING_INGESTION),
                effective(context, table, PolicyKind.INGESTION_BATCHING),
                statistics.oldest().<Object>map(Moments::ticks).orElse(NULL),
                statistics.newest().<Object>map(Moments::ticks).orElse(NULL),
                effective(context, table, PolicyKind.ROW_ORDER), table.guid());
    }

    private static String effective(CommandContext context, Table table, PolicyKind kind) {
        return context.storage().clusterPolicies().effective(context.database(), table, kind).orElse("null");
    }
}
