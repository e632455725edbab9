package io.conshelf.connectors.sql;

import java.util.Optional;

/// Who a connection speaks as. Secrets do not show in text.
public sealed interface SqlLogin {
    record Password(String user, String password) implements SqlLogin {
        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /// @param user the name of the principal in the database, which PostgreSQL asks for
    record ServicePrincipal(String user, String id, String key, String tenant) implements SqlLogin {
        @Override
        public String toString() {
            return "ServicePrincipal[id=" + id + ", tenant=" + tenant + "]";
        }
    }

    /// The identity of the machine, or the user-assigned one with this client id.
    record ManagedIdentity(String user, Optional<String> clientId) implements SqlLogin {}
}
