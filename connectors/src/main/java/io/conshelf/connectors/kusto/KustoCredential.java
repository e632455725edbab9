package io.conshelf.connectors.kusto;

import java.util.Optional;

/// Who a connection speaks as. Secrets do not show in text.
public sealed interface KustoCredential {
    /// The embedded cluster without authentication.
    record None() implements KustoCredential {}

    record ServicePrincipal(String id, String key, String tenant) implements KustoCredential {
        @Override
        public String toString() {
            return "ServicePrincipal[id=" + id + ", tenant=" + tenant + "]";
        }
    }

    /// The identity of the machine, or the user-assigned one with this client id.
    record ManagedIdentity(Optional<String> clientId) implements KustoCredential {}
}
