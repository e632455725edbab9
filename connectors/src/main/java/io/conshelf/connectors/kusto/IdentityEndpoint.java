package io.conshelf.connectors.kusto;

import java.util.Map;

/// Where a managed identity's tokens come from on this machine, as Azure services tell what runs in them.
///
/// @param endpoint empty when there is none
/// @param header   what whoever asks must know
public record IdentityEndpoint(String endpoint, String header) {
    public static final IdentityEndpoint NONE = new IdentityEndpoint("", "");

    /// By `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    public static IdentityEndpoint of(Map<String, String> environment) {
        return new IdentityEndpoint(environment.getOrDefault("IDENTITY_ENDPOINT", ""), environment.getOrDefault("IDENTITY_HEADER", ""));
    }

    @Override
    public String toString() {
        return "IdentityEndpoint[" + endpoint + "]";
    }
}
