package io.conshelf.server.identity;

import java.net.URI;
import java.util.Set;

/// A tenant of Microsoft Entra, or of another service with the same tokens, whose tokens are let in beside those of this cluster.
///
/// @param id      as its tokens have it (`tid`)
/// @param issuers what its tokens may name as their issuer (`iss`)
/// @param keys    where the keys are published that its tokens are signed with (`jwks_uri`)
/// @param login   the token service's scheme, host and port, which clients are sent to
public record TrustedTenant(String id, Set<String> issuers, URI keys, String login) {
    private static final String ENTRA = "https://login.microsoftonline.com";

    public TrustedTenant {
        issuers = Set.copyOf(issuers);
    }

    /// One of the public cloud.
    public static TrustedTenant ofEntra(String id) {
        return new TrustedTenant(
                id, Set.of("https://sts.windows.net/" + id + "/", ENTRA + "/" + id + "/v2.0"), URI.create(ENTRA + "/" + id + "/discovery/v2.0/keys"), ENTRA);
    }
}
