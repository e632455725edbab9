package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Named groups of databases.
final class EntityGroupCommands {
    private static final Pattern BETWEEN_CLUSTER_AND_DATABASE = Pattern.compile("\\s*\\)\\s*\\.\\s*database\\s*\\(\\s*");

    private EntityGroupCommands() {}

    static void register(CommandRegistry registry) {
        var admin = Access.onDatabase(Role.ADMIN);
        registry.on("CreateEntityGroupCommand", admin, EntityGroupCommands::create);
        registry.on("CreateOrAlterEntityGroupCommand", admin, c -> put(c, entities(c)));
        registry.on("AlterEntityGroup", admin, c -> {
            existing(c);
            return put(c, entities(c));
        });
        registry.on("AlterMergeEntityGroup", admin, EntityGroupCommands::merge);
        registry.on("DropEntityGroup", admin, EntityGroupCommands::drop);
        registry.on("ShowEntityGroup", admin, c -> row(c, existing(c)));
        registry.on("ShowEntityGroups", admin, EntityGroupCommands::showAll);
    }

    /// Whether a list of all that a database holds tells what its groups name: databases that not everybody who reads the list may know of.
    static boolean mayShow(CommandContext context, Database database) {
        return Authorization.holds(context.request().principal(), database, Role.ADMIN);
    }

    private static String name(CommandContext context) {
        return context.match().text("EntityGroupName");
    }

    private static Optional<List<String>> find(CommandContext context) {
        return Optional.ofNullable(context.database().entityGroups().get(name(context)));
    }

    private static List<String> existing(CommandContext context) {
        return find(context)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("EntityGroup", name(context))));
    }

    /// `cluster('c').database('d')`, `cluster('c')` or `database('d')`, in the order written.
    private static List<String> entities(CommandContext context) {
        var match = context.match();
        var parts = match.arguments().stream()
                .filter(a -> a.name().equals("clusterName") || a.name().equals("databaseName"))
                .toList();
        var entities = new ArrayList<String>();
        for (int i = 0; i < parts.size(); i++) {
            var part = parts.get(i);
            boolean isCluster = part.name().equals("clusterName");
            var text = (isCluster ? "cluster(" : "database(") + SchemaText.literal(part.text()) + ")";
            boolean goesOn = i > 0 && !isCluster && BETWEEN_CLUSTER_AND_DATABASE
                    .matcher(match.text().substring(parts.get(i - 1).span().end(), part.span().start())).matches();
            if (goesOn) {
                entities.add(entities.removeLast() + "." + text);
            } else {
                entities.add(text);
            }
        }
        return entities;
    }

    private static CommandResult create(CommandContext context) {
        var found = find(context);
        if (found.isEmpty()) {
            return put(context, entities(context));
        }
        if (context.match().has("ifnotexists")) {
            return row(context, found.get());
        }
        throw new KustoException(StorageErrors.entityExists("EntityGroup", name(context)));
    }

    private static CommandResult merge(CommandContext context) {
        var merged = new LinkedHashSet<>(existing(context));
        merged.addAll(entities(context));
        return put(context, List.copyOf(merged));
    }

    private static CommandResult put(CommandContext context, List<String> entities) {
        context.change(transaction -> {
            transaction.setEntityGroup(name(context), Optional.of(entities));
            return entities;
        });
        return row(context, entities);
    }

    private static CommandResult drop(CommandContext context) {
        var dropped = existing(context);
        context.change(transaction -> {
            transaction.setEntityGroup(name(context), Optional.empty());
            return dropped;
        });
        return row(context, dropped);
    }

    private static CommandResult row(CommandContext context, List<String> entities) {
        return CommandResult.of(context.match().command()).row(name(context), json(entities)).done();
    }

    static String json(List<String> entities) {
        var array = JsonNodeFactory.instance.arrayNode();
        entities.forEach(array::add);
        return array.toString();
    }

    private static CommandResult showAll(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        context.database().entityGroups().forEach((name, entities) -> rows.row(name, json(entities)));
        return rows.done();
    }
}
