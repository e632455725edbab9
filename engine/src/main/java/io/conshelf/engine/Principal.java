package io.conshelf.engine;

import java.util.Set;

/// Who makes a request.
///
/// @param fullyQualifiedName as Kusto writes it: `aadapp=<id>;<tenant>`, `aaduser=<upn>;<tenant>`
/// @param displayName        for people
/// @param isAdministrator    the local administrator, who holds every role and makes all requests while `--auth none`; within
///                           the engine also whoever was made an administrator of all databases
/// @param clusterRoles       what it is to all databases; the engine fills it in
/// @param account            the id of its account in this cluster, which no other account has had or gets, while a name may be given to
///                           somebody else; empty for who has none here
public record Principal(String fullyQualifiedName, String displayName, boolean isAdministrator, Set<ClusterRole> clusterRoles, String account) {
    /// The principal of every request of a cluster without authentication.
    public static final Principal LOCAL_ADMINISTRATOR =
            new Principal("aaduser=administrator@localhost;local", "Local administrator", true);

    public Principal {
        clusterRoles = Set.copyOf(clusterRoles);
    }

    public Principal(String fullyQualifiedName, String displayName, boolean isAdministrator) {
        this(fullyQualifiedName, displayName, isAdministrator, Set.of(), "");
    }

    /// One with an account in this cluster.
    public static Principal withAccount(String account, String fullyQualifiedName, String displayName) {
        return new Principal(fullyQualifiedName, displayName, false, Set.of(), account);
    }

    /// The same with what it is to all databases.
    public Principal withRoles(boolean isAdministratorNow, Set<ClusterRole> roles) {
        return new Principal(fullyQualifiedName, displayName, isAdministratorNow, roles, account);
    }

    /// Whether it is the same one, whatever it was granted meanwhile.
    public boolean isSameAs(Principal other) {
        return fullyQualifiedName.equalsIgnoreCase(other.fullyQualifiedName) && account.equals(other.account);
    }
}
