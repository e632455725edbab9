package io.conshelf.engine;

import java.util.Set;

/// Who makes a request.
///
/// @param fullyQualifiedName as Kusto writes it: `aadapp=<id>;<tenant>`, `aaduser=<upn>;<tenant>`
/// @param displayName        for people
/// @param isAdministrator    the local administrator, who holds every role and makes all requests while `--auth none`; within
///                           the engine also whoever was made an administrator of all databases
/// @param clusterRoles       what it is to all databases; the engine fills it in
public record Principal(String fullyQualifiedName, String displayName, boolean isAdministrator, Set<ClusterRole> clusterRoles) {
    /// The principal of every request of a cluster without authentication.
    public static final Principal LOCAL_ADMINISTRATOR =
            new Principal("aaduser=administrator@localhost;local", "Local administrator", true);

    public Principal {
        clusterRoles = Set.copyOf(clusterRoles);
    }

    public Principal(String fullyQualifiedName, String displayName, boolean isAdministrator) {
        this(fullyQualifiedName, displayName, isAdministrator, Set.of());
    }

    /// Whether it is the same one, whatever it was granted meanwhile.
    public boolean isSameAs(Principal other) {
        return fullyQualifiedName.equalsIgnoreCase(other.fullyQualifiedName);
    }
}
