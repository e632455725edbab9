package io.conshelf.factory.copy;

import io.conshelf.factory.definition.Located;

/// A linked service with its expressions evaluated.
record LinkedService(String name, String type, Located properties) {
    /// Text that may be a secret.
    String secret(String property) {
        Located value = properties.at(property);
        return value.text().or(() -> value.at("value").text()).orElse("");
    }
}
