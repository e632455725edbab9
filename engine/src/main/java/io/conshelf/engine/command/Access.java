package io.conshelf.engine.command;

import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.store.Role;
import java.util.List;

/// Who may run a command, beyond the administrator: checked before its handler starts.
public sealed interface Access {
    /// One of the roles on each function, materialized view or external table that the command names, or on its database. Where
    /// it does not exist yet, one of `toCreate` on the database.
    record OnEntity(List<Role> anyOf, List<Role> toCreate) implements Access {}

    /// Holders of a role on the cluster, and its administrators.
    record OnCluster(ClusterRole role) implements Access {}

    /// Anyone who came in. What a handler shows it limits to what the principal may know.
    record Anyone() implements Access {}

    record ClusterAdministrator() implements Access {}

    /// One of the roles on the database that the command names, else on the request's.
    record OnDatabase(List<Role> anyOf) implements Access {}

    /// One of the roles on each table that the command names, or on its database. Where the table does not
    /// exist yet, or none is named, one of `toCreate` on the database.
    record OnTable(List<Role> anyOf, List<Role> toCreate) implements Access {}

    static Access anyone() {
        return new Anyone();
    }

    static Access clusterAdministrator() {
        return new ClusterAdministrator();
    }

    static Access onDatabase(Role... anyOf) {
        return new OnDatabase(List.of(anyOf));
    }

    /// For commands about a table that must exist.
    static Access onTable(Role... anyOf) {
        return new OnTable(List.of(anyOf), List.of(anyOf));
    }

    static Access onTableOrToCreate(Role onTable, Role toCreate) {
        return new OnTable(List.of(onTable), List.of(toCreate));
    }

    /// For commands about a function, materialized view or external table that must exist.
    static Access onEntity(Role... anyOf) {
        return new OnEntity(List.of(anyOf), List.of(anyOf));
    }

    static Access onEntityOrToCreate(Role onEntity, Role toCreate) {
        return new OnEntity(List.of(onEntity), List.of(toCreate));
    }

    /// Looking at the cluster.
    static Access clusterMonitor() {
        return new OnCluster(ClusterRole.ALL_DATABASES_MONITOR);
    }

    /// Looking at a database and what is in it.
    static Access toLook() {
        return onDatabase(Role.VIEWER, Role.MONITOR);
    }
}
