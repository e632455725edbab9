package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.StoredFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Functions kept in a database.
final class FunctionCommands {
    private static final Set<String> PROPERTIES = Set.of("folder", "docstring", "skipvalidation", "view");
    private static final String SHOW_SECRETS = "showobfuscatedstrings";

    private FunctionCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateFunction", Access.onDatabase(Role.USER), PROPERTIES, FunctionCommands::create);
        registry.on("AlterFunction", Access.onEntity(Role.ADMIN), PROPERTIES, FunctionCommands::alter);
        registry.on("CreateOrAlterFunction", Access.onEntityOrToCreate(Role.ADMIN, Role.USER), PROPERTIES, FunctionCommands::createOrAlter);
        registry.on("DropFunction", Access.onEntity(Role.ADMIN), FunctionCommands::drop);
        registry.on("DropFunctions", Access.onEntity(Role.ADMIN), FunctionCommands::dropSeveral);
        registry.on("AlterFunctionDocString", Access.onEntity(Role.ADMIN), FunctionCommands::alterDocString);
        registry.on("AlterFunctionFolder", Access.onEntity(Role.ADMIN), FunctionCommands::alterFolder);
        registry.on("ShowFunctions", Access.toLook(), c -> rows(c, List.copyOf(c.database().functions())));
        registry.on("ShowFunction", Access.toLook(), Set.of(SHOW_SECRETS), c -> rows(c, List.of(existing(c))));
    }

    private static String name(CommandContext context) {
        return context.match().text("FunctionName");
    }

    private static StoredFunction existing(CommandContext context) {
        return context.database().function(name(context))
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Function", name(context))));
    }

    private static CommandResult create(CommandContext context) {
        var existing = context.database().function(name(context));
        if (existing.isPresent()) {
            if (context.match().has("ifnotexists")) {
                return rows(context, List.of(existing.get()));
            }
            throw new KustoException(StorageErrors.entityExists("Function", name(context)));
        }
        return put(context, Optional.empty());
    }

    private static CommandResult alter(CommandContext context) {
        return put(context, Optional.of(existing(context)));
    }

    private static CommandResult createOrAlter(CommandContext context) {
        return put(context, context.database().function(name(context)));
    }

    private static CommandResult alterDocString(CommandContext context) {
        return stored(context, existing(context).withDocString(context.match().text("Documentation")));
    }

    private static CommandResult alterFolder(CommandContext context) {
        return stored(context, existing(context).withFolder(context.match().text("Folder")));
    }

    private static CommandResult put(CommandContext context, Optional<StoredFunction> before) {
        var declaration = context.match().arguments().stream()
                .filter(a -> a.kind().equals("function_declaration"))
                .findFirst().orElseThrow().text();
        // The scanner joins parameters and body with one blank after the closing bracket.
        int body = declaration.indexOf(") {") + 2;
        var function = new StoredFunction(
                name(context),
                declaration.substring(0, body - 1),
                declaration.substring(body),
                context.property("folder").or(() -> before.map(StoredFunction::folder)).orElse(""),
                context.property("docstring").or(() -> before.map(StoredFunction::docString)).orElse(""),
                context.property("view").isPresent() ? context.isTrue("view") : before.filter(StoredFunction::isView).isPresent());
        if (function.isView() && !FunctionParameters.json(function.parameters()).isEmpty()) {
            throw new KustoException(Errors.badRequest("The view '" + function.name()
                    + "' has parameters: a view takes none. Leave them out, or say view=false."));
        }
        if (!context.isTrue("skipvalidation")) {
            context.services().checkFunction(context.request(), context.database(), function);
        }
        return stored(context, function);
    }

    private static CommandResult stored(CommandContext context, StoredFunction function) {
        context.change(transaction -> {
            var entity = new EntityId(EntityId.Kind.FUNCTION, function.name());
            boolean isNew = !transaction.database().has(entity);
            transaction.putFunction(function);
            if (isNew) {
                context.own(transaction, entity);
            }
            return function;
        });
        return rows(context, List.of(function));
    }

    /// All or none; answers with those that were dropped.
    private static CommandResult dropSeveral(CommandContext context) {
        var dropped = context.change(transaction -> {
            var found = new ArrayList<StoredFunction>();
            for (var name : Set.copyOf(context.match().texts("FunctionName"))) {
                var function = transaction.database().function(name);
                function.ifPresent(found::add);
                if (function.isPresent() || !context.match().has("ifexists")) {
                    transaction.dropFunction(name);
                }
            }
            return found;
        });
        return rows(context, dropped);
    }

    private static CommandResult drop(CommandContext context) {
        var name = name(context);
        var rows = CommandResult.of(context.match().command());
        if (context.database().function(name).isEmpty() && context.match().has("ifexists")) {
            return rows.done();
        }
        context.change(transaction -> {
            transaction.dropFunction(name);
            return name;
        });
        return rows.row(name).done();
    }

    private static CommandResult rows(CommandContext context, List<StoredFunction> functions) {
        var rows = CommandResult.of(context.match().command());
        boolean showsSecrets = context.isTrue(SHOW_SECRETS);
        if (showsSecrets) {
            Authorization.require(context.request().principal(), context.database(), Role.ADMIN);
        }
        functions.forEach(f -> rows.row(
                f.name(), f.parameters(), showsSecrets ? f.body() : ObfuscatedText.masked(f.body()), f.folder(), f.docString()));
        return rows.done();
    }
}
