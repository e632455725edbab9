package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappingText;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Mapping;
import io.conshelf.engine.store.MappingKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Moments;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Ingestion mappings of tables and databases.
final class MappingCommands {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    // Mappings take no room that would run out, so there is never an oldest one to remove.
    private static final Set<String> PROPERTIES = Set.of("removeoldestifrequired");

    private MappingCommands() {}

    /// What a command may find under the name it writes.
    private enum Expectation { NEW, EXISTING, EITHER }

    static void register(CommandRegistry registry) {
        var onTable = Access.onTable(Role.INGESTOR, Role.ADMIN);
        registry.on("CreateTableIngestionMapping", onTable, PROPERTIES, c -> putOnTable(c, Expectation.NEW));
        registry.on("CreateOrAlterTableIngestionMapping", onTable, PROPERTIES, c -> putOnTable(c, Expectation.EITHER));
        registry.on("AlterTableIngestionMapping", onTable, PROPERTIES, c -> putOnTable(c, Expectation.EXISTING));
        registry.on("AlterMergeTableIngestionMapping", onTable, PROPERTIES, MappingCommands::mergeOnTable);
        registry.on("DropTableIngestionMapping", onTable, MappingCommands::dropFromTable);
        registry.on("ShowTableIngestionMappings", Access.toLook(), MappingCommands::showOfTable);
        registry.on("ShowTableIngestionMapping", Access.toLook(), MappingCommands::showOneOfTable);

        var onDatabase = Access.onDatabase(Role.INGESTOR, Role.ADMIN);
        registry.on("CreateDatabaseIngestionMapping", onDatabase, c -> putOnDatabase(c, Expectation.NEW));
        registry.on("CreateOrAlterDatabaseIngestionMapping", onDatabase, c -> putOnDatabase(c, Expectation.EITHER));
        registry.on("AlterDatabaseIngestionMapping", onDatabase, c -> putOnDatabase(c, Expectation.EXISTING));
        registry.on("AlterMergeDatabaseIngestionMapping", onDatabase, MappingCommands::mergeOnDatabase);
        registry.on("ShowDatabaseIngestionMappings", Access.toLook(), MappingCommands::showOfDatabase);
        registry.on("ShowIngestionMappings", Access.anyone(), MappingCommands::showAll);
        registry.on("DropDatabaseIngestionMapping", onDatabase, MappingCommands::dropFromDatabase);
    }

    private static MappingKind kind(CommandContext context) {
        var name = context.match().text("MappingKind");
        return MappingKind.named(name)
                .orElseThrow(() -> new KustoException(Errors.notSupported("ingestion mappings of kind '" + name + "'")));
    }

    private static String checked(MappingKind kind, String json) {
        return MappingText.normalised(kind, json);
    }

    private static void check(Expectation expectation, Optional<Mapping> existing, MappingKind kind, String name, String scope) {
        if (expectation == Expectation.NEW && existing.isPresent()) {
            throw new KustoException(StorageErrors.entityExists("MappingPersistent", name));
        }
        if (expectation == Expectation.EXISTING && existing.isEmpty()) {
            throw new KustoException(StorageErrors.mappingNotFound(kind.kustoName(), name, scope));
        }
    }

    private static CommandResult putOnTable(CommandContext context, Expectation expectation) {
        var match = context.match();
        var kind = kind(context);
        var name = match.text("MappingName");
        var json = checked(kind, match.text("MappingFormat"));
        var mapping = context.change(transaction -> {
            var table = transaction.table(context.tableName());
            check(expectation, table.mapping(kind, name), kind, name, table.name());
            return transaction.putMapping(table, kind, name, json);
        });
        return tableRows(context, context.table(), List.of(mapping));
    }

    /// Fields of columns that are there already take the place of theirs, others come behind.
    private static String merged(CommandContext context, Mapping before) {
        try {
            var fields = new LinkedHashMap<String, JsonNode>();
            for (var json : List.of(before.json(), checked(before.kind(), context.match().text("MappingFormat")))) {
                for (var field : MAPPER.readTree(json)) {
                    fields.put(column(field), field);
                }
            }
            var array = MAPPER.createArrayNode();
            fields.values().forEach(array::add);
            return checked(before.kind(), array.toString());
        } catch (JacksonException e) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "mapping", "the text is not JSON: " + e.getOriginalMessage()), e);
        }
    }

    private static String column(JsonNode field) {
        return field.properties().stream()
                .filter(p -> p.getKey().equalsIgnoreCase("column"))
                .findFirst()
                .map(p -> p.getValue().asText())
                .orElse("");
    }

    private static CommandResult mergeOnTable(CommandContext context) {
        var kind = kind(context);
        var name = context.match().text("MappingName");
        var mapping = context.change(transaction -> {
            var table = transaction.table(context.tableName());
            var before = table.mapping(kind, name);
            check(Expectation.EXISTING, before, kind, name, table.name());
            return transaction.putMapping(table, kind, name, merged(context, before.orElseThrow()));
        });
        return tableRows(context, context.table(), List.of(mapping));
    }

    private static CommandResult mergeOnDatabase(CommandContext context) {
        var kind = kind(context);
        var name = context.match().text("MappingName");
        var mapping = context.change(transaction -> {
            var before = transaction.database().mapping(kind, name);
            check(Expectation.EXISTING, before, kind, name, transaction.database().name());
            return transaction.putMapping(kind, name, merged(context, before.orElseThrow()));
        });
        return databaseRow(context, context.database(), mapping);
    }

    private static boolean isAskedFor(CommandContext context, Mapping mapping) {
        return (context.match().find("MappingKind").isEmpty() || mapping.kind() == kind(context))
                && context.match().find("name").filter(a -> !a.text().equals(mapping.name())).isEmpty();
    }

    private static CommandResult showOfDatabase(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var database = context.database();
        for (var mapping : database.mappings()) {
            if (isAskedFor(context, mapping)) {
                rows.row(
                        mapping.name(), mapping.kind().kustoName(), mapping.json(), Moments.ticks(mapping.updatedOn()),
                        database.name());
            }
        }
        return rows.done();
    }

    /// Of all databases that the principal may look at, and of their tables.
    private static CommandResult showAll(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var database : context.snapshot().databases()) {
            if (Authorization.holds(context.request().principal(), database, Role.VIEWER, Role.MONITOR)) {
                addAskedFor(rows, context, database, "", database.mappings());
                database.tables().forEach(table -> addAskedFor(rows, context, database, table.name(), table.mappings()));
            }
        }
        return rows.done();
    }

    private static void addAskedFor(
            CommandResult.Rows rows, CommandContext context, Database database, String table, List<Mapping> mappings) {
        for (var mapping : mappings) {
            if (isAskedFor(context, mapping)) {
                rows.row(
                        mapping.name(), mapping.kind().kustoName(), mapping.json(), Moments.ticks(mapping.updatedOn()),
                        database.name(), table);
            }
        }
    }

    private static CommandResult dropFromTable(CommandContext context) {
        var kind = kind(context);
        var name = context.match().text("MappingName");
        var dropped = context.change(transaction -> {
            var table = transaction.table(context.tableName());
            var mapping = table.mapping(kind, name)
                    .orElseThrow(() -> new KustoException(StorageErrors.mappingNotFound(kind.kustoName(), name, table.name())));
            transaction.dropMapping(table, mapping);
            return mapping;
        });
        return tableRows(context, context.table(), List.of(dropped));
    }

    private static CommandResult showOfTable(CommandContext context) {
        var table = context.table();
        var ofKind = context.match().find("MappingKind");
        return tableRows(context, table, table.mappings().stream()
                .filter(m -> ofKind.isEmpty() || m.kind() == kind(context))
                .toList());
    }

    private static CommandResult showOneOfTable(CommandContext context) {
        var table = context.table();
        var name = context.match().text("MappingName");
        boolean anyKind = context.match().find("MappingKind").isEmpty();
        var found = table.mappings().stream()
                .filter(m -> m.name().equals(name) && (anyKind || m.kind() == kind(context)))
                .toList();
        if (found.isEmpty()) {
            throw new KustoException(StorageErrors.mappingNotFound("ingestion", name, table.name()));
        }
        return tableRows(context, table, found);
    }

    private static CommandResult tableRows(CommandContext context, Table table, List<Mapping> mappings) {
        var rows = CommandResult.of(context.match().command());
        for (var mapping : mappings) {
            rows.row(
                    mapping.name(), mapping.kind().kustoName(), mapping.json(), Moments.ticks(mapping.updatedOn()),
                    context.database().name(), table.name());
        }
        return rows.done();
    }

    private static CommandResult putOnDatabase(CommandContext context, Expectation expectation) {
        var match = context.match();
        var kind = kind(context);
        var name = match.text("MappingName");
        var json = checked(kind, match.text("MappingFormat"));
        var mapping = context.change(transaction -> {
            var database = transaction.database();
            check(expectation, database.mapping(kind, name), kind, name, database.name());
            return transaction.putMapping(kind, name, json);
        });
        return databaseRow(context, context.database(), mapping);
    }

    private static CommandResult dropFromDatabase(CommandContext context) {
        var kind = kind(context);
        var name = context.match().text("MappingName");
        var dropped = context.change(transaction -> {
            var database = transaction.database();
            var mapping = database.mapping(kind, name)
                    .orElseThrow(() -> new KustoException(StorageErrors.mappingNotFound(kind.kustoName(), name, database.name())));
            transaction.dropMapping(mapping);
            return mapping;
        });
        return databaseRow(context, context.database(), dropped);
    }

    private static CommandResult databaseRow(CommandContext context, Database database, Mapping mapping) {
        return CommandResult.of(context.match().command())
                .row(
                        mapping.name(), mapping.kind().kustoName(), mapping.json(), Moments.ticks(mapping.updatedOn()),
                        database.name())
                .done();
    }
}
