package io.conshelf.engine.store;

import java.util.Arrays;
import java.util.Optional;

/// What a principal may be to a database or table. Which role contains which is told in [Authorization].
public enum Role {
    ADMIN("Admin"), USER("User"), VIEWER("Viewer"), UNRESTRICTED_VIEWER("UnrestrictedViewer"), INGESTOR("Ingestor"),
    MONITOR("Monitor");

    private final String kustoName;

    Role(String kustoName) {
        this.kustoName = kustoName;
    }

    public String kustoName() {
        return kustoName;
    }

    /// As commands write it, in any case and in singular or plural: `admins`.
    public static Optional<Role> named(String name) {
        return Arrays.stream(values())
                .filter(r -> name.equalsIgnoreCase(r.kustoName) || name.equalsIgnoreCase(r.kustoName + "s"))
                .findFirst();
    }
}
