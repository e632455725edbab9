package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
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
        registry.on("ShowPrincipalRoles", Access.anyone(), RoleCommands::rolesEverywhere);
        registry.on("ShowDatabasePrincipalRoles", Access.anyone(), RoleCommands::rolesOnDatabase);
        registry.on("ShowTablePrincipalRoles", Access.anyone(), RoleCommands::rolesOnTable);
        registry.on("ShowClusterPrincipalRoles", Access.anyone(), RoleCommands::rolesOnCluster);
        registry.on("ShowClusterPrincipals", Access.clusterAdministrator(), RoleCommands::clusterPrincipals);
        // Functions have no administrators but those of their database.
        registry.on("ShowFunctionPrincipals", Access.onDatabase(Role.ADMIN), RoleCommands::functionPrincipals);
        registry.on("ShowTablePrincipals", Access.onTable(Role.ADMIN), c -> tableRows(c, c.table().grants()));
    }

    // ---- what a principal may do

    /// Who asks, or the principal named; to ask about another takes an administrator of the scope.
    private static Principal asked(CommandContext context, List<Database> scope) {
        var named = context.match().find("Principal");
        if (named.isEmpty()) {
            return context.request().principal();
        }
        scope.forEach(database -> Authorization.require(context.request().principal(), database, Role.ADMIN));
        try {
            var principal = PrincipalText.read(named.get().text());
            return new Principal(principal.fullyQualifiedName(), principal.id(), false);
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()), e);
        }
    }

    private static CommandResult rolesEverywhere(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var databases = List.copyOf(context.snapshot().databases());
        var principal = asked(context, databases);
        if (principal.isAdministrator()) {
            role(rows, "Cluster", principal, "AllDatabasesAdmin");
        }
        for (var database : databases) {
            addRoles(rows, database, principal);
            database.tables().forEach(table -> addRoles(rows, table, principal));
        }
        return rows.done();
    }

    private static CommandResult rolesOnCluster(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var principal = asked(context, List.copyOf(context.snapshot().databases()));
        if (principal.isAdministrator()) {
            role(rows, "Cluster", principal, "AllDatabasesAdmin");
        }
        return rows.done();
    }

    private static CommandResult rolesOnDatabase(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        addRoles(rows, context.database(), asked(context, List.of(context.database())));
        return rows.done();
    }

    private static CommandResult rolesOnTable(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        addRoles(rows, context.table(), asked(context, List.of(context.database())));
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

    private static void role(CommandResult.Rows rows, String scope, Principal principal, String role) {
        var name = PrincipalText.read(principal.fullyQualifiedName());
        rows.row(scope, principal.displayName(), name.isGuid() ? name.id() : "", role);
    }

    /// The administrator who started the cluster is the only one with a role on all of it.
    private static CommandResult clusterPrincipals(CommandContext context) {
        var administrator = Principal.LOCAL_ADMINISTRATOR;
        var name = PrincipalText.read(administrator.fullyQualifiedName());
        return CommandResult.of(context.match().command())
                .row(
                        "AllDatabasesAdmin", name.typeName(), administrator.displayName(), name.isGuid() ? name.id() : "",
                        administrator.fullyQualifiedName(), "", "")
                .done();
    }

    private static CommandResult functionPrincipals(CommandContext context) {
        var name = context.match().text("FunctionName");
        if (context.database().function(name).isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("Function", name));
        }
        return CommandResult.of(context.match().command()).done();
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
