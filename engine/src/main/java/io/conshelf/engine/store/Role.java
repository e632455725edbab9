package io.conshelf.engine.store;

/// What a principal may be to a database or table. Which role contains which is told in [Authorization].
public enum Role {
    ADMIN, USER, VIEWER, UNRESTRICTED_VIEWER, INGESTOR, MONITOR
}
