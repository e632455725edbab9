package io.conshelf.engine.command;

import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.command.RoleCommands.Verb;
import io.conshelf.engine.store.ClusterRoles.ClusterGrant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// Who holds which role on all databases.
final class ClusterRoleCommands {
    private ClusterRoleCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("AddClusterRole", Access.clusterAdministrator(), c -> change(c, Verb.ADD));
        registry.on("DropClusterRole", Access.clusterAdministrator(), c -> change(c, Verb.DROP));
        registry.on("SetClusterRole", Access.clusterAdministrator(), c -> change(c, Verb.SET));
        registry.on("ShowClusterPrincipals", Access.clusterMonitor(), ClusterRoleCommands::rows);
        registry.on("ShowClusterPrincipalRoles", Access.anyone(), ClusterRoleCommands::rolesOfAsked);
    }

    /// The names of the roles that a principal holds on the cluster.
    static Set<String> rolesOf(CommandContext context, Principal principal) {
        var names = new LinkedHashSet<String>();
        if (principal.isAdministrator()) {
            names.add(ClusterRole.ALL_DATABASES_ADMIN.kustoName());
        }
        context.storage().clusterRoles().resolve(principal).clusterRoles().forEach(role -> names.add(role.kustoName()));
        return names;
    }

    private static CommandResult rolesOfAsked(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        var principal = RoleCommands.asked(context, List.copyOf(context.snapshot().databases()));
        rolesOf(context, principal).forEach(role -> RoleCommands.role(rows, "Cluster", principal, role));
        return rows.done();
    }

    private static CommandResult change(CommandContext context, Verb verb) {
        var word = context.match().text("Role");
        var role = ClusterRole.named(word).orElseThrow(() -> new KustoException(Errors.notSupported(
                "the cluster role '" + word + "', which is the cloud service's own")));
        var named = RoleCommands.principals(context).stream()
                .map(p -> new ClusterGrant(role, p.fullyQualifiedName(), p.id(), RoleCommands.notes(context)))
                .toList();
        context.storage().clusterRoles().change(grants -> {
            var changed = new ArrayList<ClusterGrant>();
            for (var grant : grants) {
                boolean isNamed = named.stream().anyMatch(n -> n.principal().equalsIgnoreCase(grant.principal()));
                if (grant.role() != role || verb != Verb.SET && !isNamed) {
                    changed.add(grant);
                }
            }
            if (verb != Verb.DROP) {
                changed.addAll(named);
            }
            return changed;
        });
        return rows(context);
    }

    /// The administrator who started the cluster is one without being granted it.
    private static CommandResult rows(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        if (RoleCommands.skipsResults(context)) {
            return rows.done();
        }
        var administrator = Principal.LOCAL_ADMINISTRATOR;
        row(rows, new ClusterGrant(
                ClusterRole.ALL_DATABASES_ADMIN, administrator.fullyQualifiedName(), administrator.displayName(), ""));
        context.storage().clusterRoles().grants().forEach(grant -> row(rows, grant));
        return rows.done();
    }

    private static void row(CommandResult.Rows rows, ClusterGrant grant) {
        var principal = PrincipalText.read(grant.principal());
        var assignment = "Cluster" + grant.role() + grant.principal();
        rows.row(
                grant.role().kustoName(), principal.typeName(), grant.displayName(), principal.isGuid() ? principal.id() : "",
                grant.principal(), grant.notes(),
                UUID.nameUUIDFromBytes(assignment.getBytes(StandardCharsets.UTF_8)).toString());
    }
}
