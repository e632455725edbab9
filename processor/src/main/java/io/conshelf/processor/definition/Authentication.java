package io.conshelf.processor.definition;

/// How a stage signs in. Secrets stand here by their names, and nowhere by themselves.
public sealed interface Authentication {
    record None() implements Authentication {}

    record UsernamePassword(String username, String passwordSecret) implements Authentication {}

    record ServiceAccountToken() implements Authentication {}

    record ServicePrincipal(String tenantId, String clientId, String clientSecret) implements Authentication {}

    record ManagedIdentity() implements Authentication {}

    record Header(String key, String valueSecret) implements Authentication {}

    record AccessKey(String keySecret) implements Authentication {}

    /// @param certificateSecret the name of the one that holds the certificate as PEM
    /// @param privateKeySecret  the name of the one that holds its key as PEM
    record Certificate(String certificateSecret, String privateKeySecret) implements Authentication {}
}
