package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityFailure;
import java.util.Optional;

/// A linked service with its expressions evaluated.
///
/// @param secrets reads what stands in a vault; asked only for what is used
record LinkedService(String name, String type, Located properties, SecretReader secrets) {
    @FunctionalInterface
    interface SecretReader {
        /// @param value text, a SecureString, or a reference to a secret of a vault
        String read(Located value) throws ActivityFailure, StoreException;
    }

    Optional<String> stated(String property) {
        return properties.at(property).text().map(String::strip).filter(text -> !text.isEmpty());
    }

    /// Text that may be a secret, in the definition or in a vault; "" where it says nothing.
    String secret(String property) throws ActivityFailure, StoreException {
        return secrets.read(properties.at(property));
    }

    /// A secret that the definition may leave out.
    Optional<String> statedSecret(String property) throws ActivityFailure, StoreException {
        return Optional.of(secret(property)).filter(text -> !text.isBlank());
    }
}
