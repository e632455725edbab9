package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `.show principal access with (principal='…', accesstype='ingest', database='…', table='…')`: whether a principal may do something, as the sink of Kafka asks
/// before it begins. Who has no role there is told so, and not whether there is such a database or table. The answer's fourth column says so; the names of the columns are ours, since none are documented.
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
        String name = context.property("database").orElseThrow(() -> missing(context, "database"));
        Optional<String> table = context.property("table");
        Principal asking = context.request().principal();
        if (!asking.isAdministrator() && context.snapshot().database(name).filter(database -> Authorization.mayKnow(asking, database)).isEmpty()) {
            if (!isAboutOneself(context, asking)) {
                throw new KustoException(StorageErrors.forbidden(asking.fullyQualifiedName(), "Admin", "database '" + name + "'"));
            }
            return answer(asking, name, table, false, type);
        }
        Database database = context.database(name);
        Principal principal = principal(context, database);
        return answer(principal, database.name(), table, allows(context, database, table, principal), type);
    }

    private static CommandResult answer(Principal principal, String database, Optional<String> table, boolean isAllowed, String type) {
        return new CommandResult(COLUMNS, List.of(List.of(principal.fullyQualifiedName(), database, table.orElse(""), isAllowed, type)));
    }

    private static boolean allows(CommandContext context, Database database, Optional<String> table, Principal principal) {
        if (table.isEmpty()) {
            return Authorization.holds(principal, database, Role.INGESTOR);
        }
        Principal asking = context.request().principal();
        boolean mayKnowTables = Authorization.holds(asking, database, Role.values());
        var target = database.table(table.get()).filter(found -> mayKnowTables || !Authorization.rolesOf(asking, found.grants()).isEmpty());
        if (target.isEmpty() && mayKnowTables) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "table", "'" + table.get() + "' is no table of the database"));
        }
        return target.isPresent() && (Authorization.holds(principal, database, Role.INGESTOR)
                || Authorization.rolesOf(principal, target.get().grants()).stream().anyMatch(role -> role == Role.INGESTOR || role == Role.ADMIN));
    }

    /// Applications know themselves by the tenant that they sign in with, which may be an alias.
    private static boolean isAboutOneself(CommandContext context, Principal asking) {
        return context.property("principal").map(named -> Authorization.names(named.replaceFirst(";.*$", ""), asking)).orElse(true);
    }

    /// Who asks, where it is the one named. To ask about another takes an administrator.
    private static Principal principal(CommandContext context, Database database) {
        Principal asking = context.request().principal();
        if (isAboutOneself(context, asking)) {
            return asking;
        }
        Authorization.require(asking, database, Role.ADMIN);
        String named = context.property("principal").orElseThrow();
        try {
            var principal = PrincipalText.read(named);
            return context.storage().clusterRoles().resolve(new Principal(principal.fullyQualifiedName(), principal.id(), false));
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "principal", e.getMessage()), e);
        }
    }

    private static KustoException missing(CommandContext context, String property) {
        return new KustoException(CommandErrors.badArgument(context.match(), property, "it is missing"));
    }
}
