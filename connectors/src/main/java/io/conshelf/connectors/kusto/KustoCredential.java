package io.conshelf.connectors.kusto;

import io.conshelf.connectors.azure.AzureIdentity;
import java.util.Map;
import java.util.Optional;

/// Who a connection speaks as. Secrets do not show in text.
public sealed interface KustoCredential {
    /// Whom the environment variables of the Azure clients name: `AZURE_CLIENT_ID` with its secret and tenant, or else the managed
    /// identity, or else nobody.
    static KustoCredential of(Map<String, String> environment) {
        String id = environment.getOrDefault("AZURE_CLIENT_ID", "");
        String secret = environment.getOrDefault("AZURE_CLIENT_SECRET", "");
        if (!id.isEmpty() && !secret.isEmpty()) {
            return new ServicePrincipal(id, secret, environment.getOrDefault("AZURE_TENANT_ID", "organizations"));
        }
        return environment.getOrDefault("IDENTITY_ENDPOINT", "").isEmpty()
                ? new None()
                : new ManagedIdentity(Optional.of(id).filter(text -> !text.isEmpty()));
    }

    /// The same identity, as clusters are asked.
    static KustoCredential of(AzureIdentity identity) {
        return switch (identity) {
            case AzureIdentity.ServicePrincipal(String id, String key, String tenant, String _) -> new ServicePrincipal(id, key, tenant);
            case AzureIdentity.ManagedIdentity(Optional<String> id) -> new ManagedIdentity(id);
        };
    }

    /// Nobody: for a cluster without authentication.
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
