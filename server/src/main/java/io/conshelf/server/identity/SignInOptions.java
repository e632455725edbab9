package io.conshelf.server.identity;

import java.util.Optional;

/// What of signing in is a matter of configuration.
///
/// @param tenant             whose tokens are let in beside those of this cluster; clients are then sent there to sign in
/// @param hasMetadataService whether every program of this machine gets tokens for the machine's identities by the address that virtual
///                           machines of Azure have for it, which asks for no secret
public record SignInOptions(Optional<TrustedTenant> tenant, boolean hasMetadataService) {
    /// The cluster's own accounts, and a secret for the machine's identities.
    public static final SignInOptions OWN = new SignInOptions(Optional.empty(), false);

    public SignInOptions withTenant(TrustedTenant trusted) {
        return new SignInOptions(Optional.of(trusted), hasMetadataService);
    }

    public SignInOptions withMetadataService() {
        return new SignInOptions(tenant, true);
    }
}
