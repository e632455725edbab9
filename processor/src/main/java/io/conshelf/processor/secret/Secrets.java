package io.conshelf.processor.secret;

import io.conshelf.connectors.StoreException;
import java.util.Optional;

/// What stands behind the names of secrets in definitions. Safe for use by several threads; its text shows no secret.
@FunctionalInterface
public interface Secrets {
    /// Nothing has a name.
    Secrets NONE = _ -> Optional.empty();

    /// Read each time, so that a secret that was changed is seen.
    Optional<String> find(String name);

    /// @throws StoreException where nothing has the name, which it does not tell: somebody may have written the secret itself
    default String needed(String name) throws StoreException {
        return find(name).orElseThrow(() -> StoreException.user("SecretNotFound", "There is no secret of the name that the stage's 'authentication' gives"));
    }
}
