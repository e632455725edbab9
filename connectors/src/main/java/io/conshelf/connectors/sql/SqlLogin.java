package io.conshelf.connectors.sql;

import io.conshelf.connectors.azure.AzureIdentity;

/// Who a connection speaks as. Secrets do not show in text.
public sealed interface SqlLogin {
    record Password(String user, String password) implements SqlLogin {
        @Override
        public String toString() {
            return "Password[user=" + user + "]";
        }
    }

    /// @param user the name of the identity in the database, which PostgreSQL asks for
    record Token(String user, AzureIdentity identity) implements SqlLogin {}
}
