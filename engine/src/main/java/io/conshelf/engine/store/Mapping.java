package io.conshelf.engine.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A named ingestion mapping of a table or a database.
///
/// @param json the mapping as it was given, checked when it was stored
public record Mapping(String name, MappingKind kind, String json, Instant updatedOn) {
    static Optional<Mapping> find(List<Mapping> mappings, MappingKind kind, String name) {
        return mappings.stream()
                .filter(m -> m.kind() == kind && m.name().equals(name))
                .findFirst();
    }
}
