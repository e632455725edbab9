package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.factory.definition.Kind;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Finds the resources that a definition refers to.
final class References {
    private References() {}

    record Reference(Kind kind, String name) {}

    static Set<Reference> of(JsonNode definition) {
        Set<Reference> found = new LinkedHashSet<>();
        collect(definition, found);
        return found;
    }

    private static void collect(JsonNode value, Set<Reference> found) {
        JsonNode name = value.path("referenceName");
        if (name.isTextual() && !name.textValue().startsWith("@")) {
            Optional<Kind> kind = Kinds.ofReference(value.path("type").asText());
            kind.ifPresent(known -> found.add(new Reference(known, name.textValue())));
        }
        value.forEach(item -> collect(item, found));
    }

    /// The integration runtime that every factory has.
    static boolean isBuiltIn(Reference reference) {
        return reference.kind() == Kind.INTEGRATION_RUNTIME && reference.name().equalsIgnoreCase("AutoResolveIntegrationRuntime");
    }
}
