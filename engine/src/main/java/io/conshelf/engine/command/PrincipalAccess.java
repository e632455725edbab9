package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Role;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `.show principal access with (principal='…', accesstype='ingest', database='…', table='…')`: whether a principal may do something, as the sink of Kafka asks
/// before it begins. The answer's fourth column says so; the names of the columns are ours, since none are documented.
final class PrincipalAccess {
    static final Set<String> PROPERTIES = Set.of("principal", "accesstype", "database", "table");
    private static final List<ColumnSchema> COLUMNS = List.of(
            new ColumnSchema("Principal", Type.STRING), new ColumnSchema("Database", Type.STRING), new ColumnSchema("Table", Type.STRING),
            new ColumnSchema("IsAllowed", Type.BOOL), new ColumnSchema("AccessType", Type.STRING));

    private PrincipalAccess() {}

    static boolean isAsked(CommandContext context) {
        return !context.match().properties().isEmpty();
    }

    static CommandResult answer(CommandContext context) {
        String type = context.property("accesstype").orElseThrow(() -> missing(context, "accesstype"));
        if (!type.equalsIgnoreCase("ingest")) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "accesstype", "'" + type + "' is not known; known is ingest"));
        }
        Database database = context.property("database").map(context::database).orElseThrow(() -> missing(context, "database"));
        Principal principal = principal(context, database);
        Optional<String> table = context.property("table");
        boolean isAllowed = allows(context, database, table, principal);
        return new CommandResult(COLUMNS, List.of(List.of(principal.fullyQualifiedName(), database.name(), table.orElse(""), isAllowed, type)));
    }

    private static boolean allows(CommandContext context, Database database, Optional<String> table, Principal principal) {
        if (table.isEmpty()) {
            return Authorization.holds(principal, database, Role.INGESTOR);
        }
        var target = database.table(table.get());
        if (target.isEmpty()) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "table", "'" + table.get() + "' is no table of the database"));
        }
        return Authorization.holds(principal, database, Role.INGESTOR)
                || !Authorization.rolesOf(principal, target.get().grants()).stream().filter(role -> role == Role.INGESTOR || role == Role.ADMIN).toList().isEmpty();
    }

    /// Who asks, where it is the one named: applications know themselves by the tenant that they sign in with, which may be an alias. To ask about
    /// another takes an administrator.
    private static Principal principal(CommandContext context, Database database) {
        Principal asking = context.request().principal();
        Optional<String> named = context.property("principal");
        if (named.isEmpty() || Authorization.names(named.get().replaceFirst(";.*$", ""), asking)) {
            return asking;
        }
        Authorization.require(asking, database, Role.ADMIN);
        try {
            var principal = PrincipalText.read(named.get());
            return context.storage().clusterRoles().resolve(new Principal(principal.fullyQualifiedName(), principal.id(), false));
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()), e);
        }
    }

    private static KustoException missing(CommandContext context, String property) {
        return new KustoException(CommandErrors.badArgument(context.match(), property, "it is missing"));
    }
}
