package io.conshelf.engine.store;

import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import java.util.List;
import java.util.Locale;

/// The one place that decides who may do what.
public final class Authorization {
    private Authorization() {}

    /// Passes when the principal holds one of the roles on the database.
    public static void require(Principal principal, Database database, Role... anyOf) {
        if (!holds(principal, database, anyOf)) {
            throw refused(principal, "database '" + database.name() + "'", anyOf);
        }
    }

    /// Passes when the principal holds one of the roles on the table or on its database.
    public static void require(Principal principal, Database database, Table table, Role... anyOf) {
        if (!holds(principal, database, anyOf) && !holds(principal, table.grants(), List.of(anyOf))) {
            throw refused(principal, database, "table '" + table.name() + "'", anyOf);
        }
    }

    /// Passes when the principal holds one of the roles on the entity or on its database.
    public static void require(Principal principal, Database database, EntityId entity, Role... anyOf) {
        if (!holds(principal, database, anyOf) && !holds(principal, database.rules(entity).grants(), List.of(anyOf))) {
            throw refused(principal, database, entity.kind().kustoName() + " '" + entity.name() + "'", anyOf);
        }
    }

    /// For what concerns the whole cluster.
    public static void requireAdministrator(Principal principal, String operation) {
        if (!principal.isAdministrator()) {
            throw new KustoException(StorageErrors.forbidden(
                    principal.fullyQualifiedName(), "AllDatabasesAdmin", operation));
        }
    }

    /// For what is done to the whole cluster by holders of a role on it.
    public static void require(Principal principal, ClusterRole role, String operation) {
        if (!principal.isAdministrator() && !principal.clusterRoles().contains(role)) {
            throw new KustoException(StorageErrors.forbidden(principal.fullyQualifiedName(), role.kustoName(), operation));
        }
    }

    /// Who makes something administers it. Administrators of all databases do so anyway, as long as they are that.
    public static List<Grant> ofCreator(Principal principal) {
        return principal.isAdministrator()
                ? List.of()
                : List.of(new Grant(Role.ADMIN, principal.fullyQualifiedName(), principal.displayName(), ""));
    }

    /// Whether the principal holds one of the roles on the database, for lists that show what one may see.
    public static boolean holds(Principal principal, Database database, Role... anyOf) {
        return principal.isAdministrator()
                || List.of(anyOf).stream().anyMatch(role -> holdsEverywhere(principal, role))
                || holds(principal, database.grants(), List.of(anyOf));
    }

    private static boolean holdsEverywhere(Principal principal, Role wanted) {
        return switch (wanted) {
            case VIEWER -> principal.clusterRoles().contains(ClusterRole.ALL_DATABASES_VIEWER);
            case MONITOR -> principal.clusterRoles().contains(ClusterRole.ALL_DATABASES_MONITOR);
            case ADMIN, USER, UNRESTRICTED_VIEWER, INGESTOR -> false;
        };
    }

    /// Whether the principal may read the table's rows: where the table has a restricted view, only unrestricted viewers of its
    /// database may, whatever else they are.
    public static boolean mayRead(Principal principal, Database database, Table table) {
        return holds(principal, database, Role.VIEWER)
                && (!isRestricted(table) || holds(principal, database.grants(), List.of(Role.UNRESTRICTED_VIEWER)));
    }

    private static boolean isRestricted(Table table) {
        return isEnabled(table, PolicyKind.RESTRICTED_VIEW_ACCESS);
    }

    /// Whether a policy that is either on or off is on for a table.
    public static boolean isEnabled(Table table, PolicyKind kind) {
        return table.policy(kind).filter(policy -> policy.contains("\"IsEnabled\":true")).isPresent();
    }

    /// Whether the principal holds any role on the database, so that lists may show it.
    public static boolean mayKnow(Principal principal, Database database) {
        return holds(principal, database, Role.VIEWER, Role.MONITOR)
                || database.grants().stream().anyMatch(g -> names(g, principal))
                || database.tables().stream().flatMap(t -> t.grants().stream()).anyMatch(g -> names(g, principal))
                || database.rulesByEntity().values().stream().flatMap(r -> r.grants().stream()).anyMatch(g -> names(g, principal));
    }

    private static boolean holds(Principal principal, List<Grant> grants, List<Role> wanted) {
        return grants.stream()
                .filter(g -> names(g, principal))
                .anyMatch(g -> wanted.stream().anyMatch(w -> contains(g.role(), w)));
    }

    /// The roles that grants give a principal.
    public static List<Role> rolesOf(Principal principal, List<Grant> grants) {
        return grants.stream().filter(g -> names(g, principal)).map(Grant::role).distinct().toList();
    }

    // Ingestor and monitor see no rows; an admin may do everything but read restricted tables.
    private static boolean contains(Role held, Role wanted) {
        return held == wanted
                || switch (held) {
                    case ADMIN -> wanted != Role.UNRESTRICTED_VIEWER;
                    case USER -> wanted == Role.VIEWER;
                    case UNRESTRICTED_VIEWER, VIEWER, INGESTOR, MONITOR -> false;
                };
    }

    // A principal may be granted by its bare id, as seed 001 does: a grant binds only the parts it names.
    private static boolean names(Grant grant, Principal principal) {
        return names(grant.principal(), principal);
    }

    /// Whether a written principal is this one: it binds only the parts it names.
    public static boolean names(String grantee, Principal principal) {
        Name granted = Name.of(grantee);
        Name asking = Name.of(principal.fullyQualifiedName());
        return granted.id().equals(asking.id())
                && (granted.kind().isEmpty() || granted.kind().equals(asking.kind()))
                && (granted.tenant().isEmpty() || granted.tenant().equals(asking.tenant()));
    }

    private record Name(String kind, String id, String tenant) {
        static Name of(String fullyQualifiedName) {
            String name = fullyQualifiedName.toLowerCase(Locale.ROOT).strip();
            int id = name.indexOf('=') + 1;
            int tenant = name.indexOf(';', id);
            return new Name(
                    name.substring(0, Math.max(0, id - 1)),
                    name.substring(id, tenant < 0 ? name.length() : tenant),
                    tenant < 0 ? "" : name.substring(tenant + 1));
        }
    }

    // Who may not know the database is not told what it has either.
    private static KustoException refused(Principal principal, Database database, String entity, Role... anyOf) {
        return refused(principal, mayKnow(principal, database) ? entity : "database '" + database.name() + "'", anyOf);
    }

    private static KustoException refused(Principal principal, String entity, Role... anyOf) {
        String roles = String.join(" or ", List.of(anyOf).stream().map(Role::kustoName).toList());
        return new KustoException(StorageErrors.forbidden(principal.fullyQualifiedName(), roles, entity));
    }
}
