package io.conshelf.engine.store;

/// Whose log an entry stands in: a database's, in its own file, or the cluster's.
public sealed interface LogHome {
    /// What concerns no one database, in the system store.
    LogHome CLUSTER = new OfCluster();

    static LogHome of(Database database) {
        return ofDatabase(database.id());
    }

    static LogHome ofDatabase(String id) {
        return new OfDatabase(id);
    }

    /// @param databaseId as [Database#id]
    record OfDatabase(String databaseId) implements LogHome {}

    record OfCluster() implements LogHome {}

    /// The table of the entries, in SQL.
    default String table() {
        return switch (this) {
            case OfDatabase(String id) -> id + ".conshelf.log";
            case OfCluster() -> SystemStore.ALIAS + ".conshelf.log";
        };
    }
}
