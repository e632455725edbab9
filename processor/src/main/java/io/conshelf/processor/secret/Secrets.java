package io.conshelf.processor.secret;

import java.util.Optional;

/// What stands behind the names of secrets in definitions. Safe for use by several threads; its text shows no secret.
@FunctionalInterface
public interface Secrets {
    /// Nothing has a name.
    Secrets NONE = _ -> Optional.empty();

    /// Read each time, so that a secret that was changed is seen.
    Optional<String> find(String name);
}
