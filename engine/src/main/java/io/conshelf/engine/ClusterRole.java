package io.conshelf.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What a principal may be to all databases, those to come too.
public enum ClusterRole {
    ALL_DATABASES_ADMIN("AllDatabasesAdmin", List.of("admins", "alldatabasesadmins")),
    ALL_DATABASES_VIEWER("AllDatabasesViewer", List.of("viewers", "alldatabasesviewers")),
    ALL_DATABASES_MONITOR("AllDatabasesMonitor", List.of("monitors", "alldatabasesmonitors")),
    DATABASE_CREATOR("DatabaseCreator", List.of("databasecreators"));

    private final String kustoName;
    private final List<String> words;

    ClusterRole(String kustoName, List<String> words) {
        this.kustoName = kustoName;
        this.words = words;
    }

    public String kustoName() {
        return kustoName;
    }

    /// As commands write it (`alldatabasesadmins`), or as it is printed.
    public static Optional<ClusterRole> named(String name) {
        return Arrays.stream(values())
                .filter(r -> r.words.contains(name) || r.kustoName.equals(name))
                .findFirst();
    }
}
