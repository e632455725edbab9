package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import java.util.Optional;
import java.util.Set;

/// Everything that databases hold, in one list.
final class EntityCommands {
    private static final Set<String> OPTIONS = Set.of("showobfuscatedstrings", "resolvefunctionschema");

    private EntityCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowDatabasesEntities", Access.anyone(), OPTIONS, EntityCommands::showAll);
        registry.on("ShowDatabaseEntity", Access.toLook(), OPTIONS, EntityCommands::showOne);
    }

    private static CommandResult showAll(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        for (var database : context.snapshot().databases()) {
            if (Authorization.holds(context.request().principal(), database, Role.VIEWER, Role.MONITOR)) {
                add(rows, context, database, Optional.empty());
            }
        }
        return rows.done();
    }

    private static CommandResult showOne(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var name = context.match().text("EntityName");
        add(rows, context, context.database(), Optional.of(name));
        var result = rows.done();
        if (result.rows().isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("Entity", name));
        }
        return result;
    }

    private static void add(CommandResult.Rows rows, CommandContext context, Database database, Optional<String> only) {
        boolean showsSecrets = context.isTrue("showobfuscatedstrings");
        if (showsSecrets) {
            Authorization.require(context.request().principal(), database, Role.ADMIN);
        }
        boolean resolves = context.isTrue("resolvefunctionschema");
        for (var table : database.tables()) {
            if (only.isEmpty() || only.get().equals(table.name())) {
                rows.row(
                        database.name(), "Table", table.name(), table.docString(), table.folder(), "", "",
                        SchemaText.csl(table.schema()), NULL);
            }
        }
        for (var function : database.functions()) {
            if (only.isEmpty() || only.get().equals(function.name())) {
                var schema = resolves ? context.services().schemaOf(context.request(), database, function) : Optional.<String>empty();
                rows.row(
                        database.name(), "Function", function.name(), function.docString(), function.folder(),
                        function.parameters(), showsSecrets ? function.body() : ObfuscatedText.masked(function.body()),
                        schema.orElse(""), NULL);
            }
        }
        for (var table : database.externals().tablesByName().values()) {
            if (only.isEmpty() || only.get().equals(table.name())) {
                rows.row(
                        database.name(), "ExternalTable", table.name(), table.docString(), table.folder(), "", "",
                        SchemaText.csl(table.schema()), NULL);
            }
        }
        boolean showsGroups = EntityGroupCommands.mayShow(context, database);
        database.entityGroups().forEach((name, entities) -> {
            if (only.isEmpty() || only.get().equals(name)) {
                rows.row(database.name(), "EntityGroup", name, "", "", "", showsGroups ? EntityGroupCommands.json(entities) : "", "", NULL);
            }
        });
    }
}
