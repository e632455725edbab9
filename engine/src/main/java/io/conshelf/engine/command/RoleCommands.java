package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.Role;
import io.conshelf.kql.command.CommandArgument;
import io.conshelf.kql.command.CommandCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.nio.charset.StandardCharsets;

/// Who holds which role on databases and tables.
final class RoleCommands {
    private RoleCommands() {}

    enum Verb { ADD, DROP, SET }

    static void register(CommandRegistry registry) {
        registry.on("AddDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.ADD));
        registry.on("DropDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.DROP));
        registry.on("SetDatabaseRole", Access.onDatabase(Role.ADMIN), c -> changeDatabase(c, Verb.SET));
        registry.on("ShowDatabasePrincipals", Access.onDatabase(Role.ADMIN), c -> databaseRows(c, c.database().grants()));
        registry.on("AddTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.ADD));
        registry.on("DropTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.DROP));
        registry.on("SetTableRole", Access.onTable(Role.ADMIN), c -> changeTable(c, Verb.SET));
        registry.on("ShowPrincipalRoles", Access.anyone(), RoleCommands::rolesEverywhere);
        registry.on("ShowDatabasePrincipalRoles", Access.anyone(), RoleCommands::rolesOnDatabase);
        registry.on("ShowTablePrincipalRoles", Access.anyone(), RoleCommands::rolesOnTable);
        registry.on("ShowPrincipalAccess", Access.anyone(), PrincipalAccess.PROPERTIES, c -> PrincipalAccess.isAsked(c) ? PrincipalAccess.answer(c) : rolesEverywhere(c));
        administrators(
                registry, "ShowFunctionPrincipals", "ShowFunctionPrincipalRoles", "AddFunctionRole", "DropFunctionRole",
                "SetFunctionRole");
        administrators(
                registry, "ShowMaterializedViewPrincipals", "ShowMaterializedViewPrincipalRoles", "AddMaterializedViewAdmins",
                "DropMaterializedViewAdmins", "SetMaterializedViewAdmins");
        administrators(
                registry, "ShowExternalTablePrincipals", "ShowExternalTablesPrincipalRoles", "AddExternalTableAdmins",
                "DropExternalTableAdmins", "SetExternalTableAdmins");
        administrators(
                registry, "ShowGraphModelPrincipals", "ShowGraphModelPrincipalRoles", "AddGraphModelAdmins", "DropGraphModelAdmins",
                "SetGraphModelAdmins");
        ClusterRoleCommands.register(registry);
        registry.on("ShowTablePrincipals", Access.onTable(Role.ADMIN), c -> tableRows(c, c.table().grants()));
    }

    /// The administrators of a kind of entity that [CommandContext#entities] knows; the service lacks some of the commands.
    private static void administrators(
            CommandRegistry registry, String show, String showRoles, String add, String drop, String set) {
        registry.on(show, Access.onEntity(Role.ADMIN), c -> entityRows(c, c.entityId()));
        if (CommandCatalogue.service().named(showRoles).isPresent()) {
            registry.on(showRoles, Access.anyone(), RoleCommands::rolesOnEntity);
        }
        registry.on(add, Access.onEntity(Role.ADMIN), c -> changeEntity(c, Verb.ADD));
        registry.on(drop, Access.onEntity(Role.ADMIN), c -> changeEntity(c, Verb.DROP));
        registry.on(set, Access.onEntity(Role.ADMIN), c -> changeEntity(c, Verb.SET));
    }

    // ---- what a principal may do

    /// Who asks, or the principal named; to ask about another takes an administrator of the scope.
    static Principal asked(CommandContext context, List<Database> scope) {
        return asked(context, () -> scope.forEach(database -> Authorization.require(context.request().principal(), database, Role.ADMIN)));
    }

    private static Principal asked(CommandContext context, Runnable requireAdministrator) {
        var named = context.match().find("Principal");
        if (named.isEmpty()) {
            return context.request().principal();
        }
        requireAdministrator.run();
        try {
            var principal = PrincipalText.read(named.get().text());
            return context.storage().clusterRoles()
                    .resolve(new Principal(principal.fullyQualifiedName(), principal.id(), false));
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()), e);
        }
    }

    /// What a principal has access to is told in the same columns, as the documentation tells none.
    private static CommandResult rolesEverywhere(CommandContext context) {
        var rows = CommandResult.of(CommandCatalogue.service().named("ShowPrincipalRoles").orElseThrow());
        var databases = List.copyOf(context.snapshot().databases());
        var principal = asked(context, databases);
        ClusterRoleCommands.rolesOf(context, principal).forEach(role -> role(rows, "Cluster", principal, role));
        for (var database : databases) {
            addRoles(rows, database, principal);
            database.tables().forEach(table -> addRoles(rows, table, principal));
            database.rulesByEntity().keySet().forEach(entity -> addRoles(rows, database, entity, principal));
        }
        return rows.done();
    }

    /// Who holds no role in a database is nothing to what there is in it, and does not learn what that is; nor of others.
    private static CommandResult ofStranger(CommandContext context, CommandResult.Rows none) {
        asked(context, List.of(context.database()));
        return none.done();
    }

    private static CommandResult rolesOnEntity(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        if (!Authorization.mayKnow(context.request().principal(), context.database())) {
            return ofStranger(context, rows);
        }
        var entity = context.entityId();
        addRoles(rows, context.database(), entity, asked(context, () -> Authorization.require(context.request().principal(), context.database(), entity, Role.ADMIN)));
        return rows.done();
    }

    private static CommandResult rolesOnDatabase(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        addRoles(rows, context.database(), asked(context, List.of(context.database())));
        return rows.done();
    }

    private static CommandResult rolesOnTable(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        if (!Authorization.mayKnow(context.request().principal(), context.database())) {
            return ofStranger(context, rows);
        }
        var table = context.table();
        addRoles(rows, table, asked(context, () -> Authorization.require(context.request().principal(), context.database(), table, Role.ADMIN)));
        return rows.done();
    }

    private static void addRoles(CommandResult.Rows rows, Database database, Principal principal) {
        Authorization.rolesOf(principal, database.grants())
                .forEach(role -> role(rows, "Database " + database.name(), principal, role.kustoName()));
    }

    private static void addRoles(CommandResult.Rows rows, Table table, Principal principal) {
        Authorization.rolesOf(principal, table.grants())
                .forEach(role -> role(rows, "Table " + table.name(), principal, role.kustoName()));
    }

    private static void addRoles(CommandResult.Rows rows, Database database, EntityId entity, Principal principal) {
        Authorization.rolesOf(principal, database.rules(entity).grants())
                .forEach(role -> role(rows, entity.kind().kustoName() + " " + entity.name(), principal, role.kustoName()));
    }

    static void role(CommandResult.Rows rows, String scope, Principal principal, String role) {
        var name = PrincipalText.read(principal.fullyQualifiedName());
        rows.row(scope, principal.displayName(), name.isGuid() ? name.id() : "", role);
    }

    // ---- who holds which role

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

    /// Functions, views and external tables have administrators only.
    private static Role role(CommandContext context) {
        return context.match().find("Role").map(a -> Role.named(a.text()).orElseThrow()).orElse(Role.ADMIN);
    }

    /// The principals that the command names.
    static List<PrincipalText> principals(CommandContext context) {
        return context.match().arguments().stream()
                .filter(a -> a.name().equalsIgnoreCase("Principal"))
                .map(a -> {
                    try {
                        return PrincipalText.read(a.text());
                    } catch (IllegalArgumentException e) {
                        throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()), e);
                    }
                })
                .toList();
    }

    static String notes(CommandContext context) {
        return context.match().arguments().stream()
                .filter(a -> a.name().equalsIgnoreCase("Notes"))
                .map(CommandArgument::text)
                .findFirst()
                .orElse("");
    }

    static boolean skipsResults(CommandContext context) {
        return context.match().has("skip-results");
    }

    private static List<Grant> named(CommandContext context) {
        return principals(context).stream()
                .map(p -> new Grant(role(context), p.fullyQualifiedName(), p.id(), notes(context)))
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

    private static CommandResult changeEntity(CommandContext context, Verb verb) {
        var entity = context.entityId();
        var named = named(context);
        context.change(transaction -> {
            transaction.setGrants(entity, changed(transaction.database().rules(entity).grants(), verb, Role.ADMIN, named));
            return entity;
        });
        return entityRows(context, entity);
    }

    private static CommandResult entityRows(CommandContext context, EntityId entity) {
        return rows(context, entity.kind().kustoName() + " " + entity.name(), context.database().rules(entity).grants());
    }

    private static CommandResult databaseRows(CommandContext context, List<Grant> grants) {
        return rows(context, "Database " + context.database().name(), grants);
    }

    private static CommandResult tableRows(CommandContext context, List<Grant> grants) {
        return rows(context, "Table " + context.tableName(), grants);
    }

    private static CommandResult rows(CommandContext context, String scope, List<Grant> grants) {
        var rows = CommandResult.of(context.match().command());
        if (skipsResults(context)) {
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
