package io.conshelf.connectors.sql;

import com.microsoft.sqlserver.jdbc.SQLServerConnection;
import java.sql.Connection;
import java.util.Locale;
import java.util.Optional;

/// What a reading transaction sees of others.
public enum SqlIsolation {
    READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED), READ_UNCOMMITTED(Connection.TRANSACTION_READ_UNCOMMITTED),
    REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ), SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE),
    SNAPSHOT(SQLServerConnection.TRANSACTION_SNAPSHOT);

    private final int level;

    SqlIsolation(int level) {
        this.level = level;
    }

    /// The level in JDBC. PostgreSQL's repeatable read is a snapshot.
    int level(SqlDialect dialect) {
        return this == SNAPSHOT && dialect == SqlDialect.POSTGRESQL ? Connection.TRANSACTION_REPEATABLE_READ : level;
    }

    public static Optional<SqlIsolation> of(String name) {
        return Optional.ofNullable(switch (name.toLowerCase(Locale.ROOT)) {
            case "readcommitted" -> READ_COMMITTED;
            case "readuncommitted" -> READ_UNCOMMITTED;
            case "repeatableread" -> REPEATABLE_READ;
            case "serializable" -> SERIALIZABLE;
            case "snapshot" -> SNAPSHOT;
            default -> null;
        });
    }
}
