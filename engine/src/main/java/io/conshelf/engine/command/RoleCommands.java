package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.nio.charset.StandardCharsets;

/// Who holds which role on databases and tables.
final class RoleCommands {
    private RoleCommands() {}

    private enum Verb { ADD, DROP, SET }

    static void register(CommandRegistry registry) {
        registry.on("AddDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.ADD));
        registry.on("DropDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.DROP));
        registry.on("SetDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.SET));
        registry.on("ShowDatabasePrincipals", Access.onDatabase(Role.ADMIN), c -> databaseRows(c, c.database().grants()));
        registry.on("AddTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.ADD));
        registry.on("DropTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.DROP));
        registry.on("SetTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.SET));
        registry.on("ShowTablePrincipals", Access.onTable(Role.ADMIN), c -> tableRows(c, c.table().grants()));
    }

    private static CommandResult changeDatabase(CommandContext context, Verb verb) {
        var named = named(context);
        var role = role(context);
        context.change(transaction -> {
            transaction.setGrants(changed(transaction.database().grants(), verb, role, named));
            return role;
        });
        return databaseRows(context, context.database().grants());
    }

    private static CommandResult changeTable(CommandContext context, Verb verb) {
        var named = named(context);
        var role = role(context);
        context.change(transaction -> {
            var table = transaction.table(context.tableName());
            return transaction.setGrants(table, changed(table.grants(), verb, role, named));
        });
        return tableRows(context, context.table().grants());
    }

    private static Role role(CommandContext context) {
        return Role.named(context.match().text("Role")).orElseThrow();
    }

    private static List<Grant> named(CommandContext context) {
        var notes = context.match().find("Notes").map(a -> a.text()).orElse("");
        var role = role(context);
        return context.match().texts("Principal").stream()
                .map(text -> {
                    try {
                        var principal = PrincipalText.read(text);
                        return new Grant(role, principal.fullyQualifiedName(), principal.id(), notes);
                    } catch (IllegalArgumentException e) {
                        throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()));
                    }
                })
                .toList();
    }

    private static List<Grant> changed(List<Grant> grants, Verb verb, Role role, List<Grant> named) {
        var changed = new ArrayList<Grant>();
        for (var grant : grants) {
            boolean isNamed = named.stream().anyMatch(n -> n.principal().equalsIgnoreCase(grant.principal()));
            boolean goes = grant.role() == role && (verb == Verb.SET || isNamed);
            if (!goes) {
                changed.add(grant);
            }
        }
        if (verb != Verb.DROP) {
            changed.addAll(named);
        }
        return changed;
    }

    private static CommandResult databaseRows(CommandContext context, List<Grant> grants) {
        return rows(context, "Database " + context.database().name(), grants);
    }

    private static CommandResult tableRows(CommandContext context, List<Grant> grants) {
        return rows(context, "Table " + context.tableName(), grants);
    }

    private static CommandResult rows(CommandContext context, String scope, List<Grant> grants) {
        var rows = CommandResult.of(context.match().command());
        if (context.match().find("SkipResults").isPresent()) {
            return rows.done();
        }
        for (var grant : grants) {
            var principal = PrincipalText.read(grant.principal());
            var assignment = scope + grant.role() + grant.principal();
            rows.row(
                    scope + " " + grant.role().kustoName(), principal.typeName(), grant.displayName(),
                    principal.isGuid() ? principal.id() : "", grant.principal(), grant.notes(),
                    UUID.nameUUIDFromBytes(assignment.getBytes(StandardCharsets.UTF_8)).toString());
        }
        return rows.done();
    }
}
