package io.conshelf.processor.definition;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.processor.path.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A set of reference data, and what its records are found by.
///
/// @param payload   the part of a message that is kept
/// @param timestamp where the record's time is, in the payload or in the record; empty, or one
/// @param keys      in the payload, or in the record
/// @param resource  as it was written, to be stored and given out again
/// @param remarks   what has no effect, or was assumed
public record DatasetDefinition(String name, String description, Path payload, List<Path> timestamp, Duration ttl, List<Key> keys, Resource resource,
        List<Problem> remarks) {
    public DatasetDefinition {
        timestamp = List.copyOf(timestamp);
        keys = List.copyOf(keys);
        remarks = List.copyOf(remarks);
    }

    public record Key(String name, Path path, Role role) {}

    public enum Role {
        /// A record replaces the one that has the same.
        PRIMARY,
        OTHER
    }

    public Optional<Key> primaryKey() {
        return keys.stream().filter(key -> key.role() == Role.PRIMARY).findFirst();
    }

    public Optional<Key> key(String name) {
        return keys.stream().filter(key -> key.name().equals(name)).findFirst();
    }

    /// @param properties what the management interface calls so, and a custom resource its `spec`
    /// @throws InvalidDefinitionException with every mistake
    public static DatasetDefinition read(Resource resource, Located properties) throws InvalidDefinitionException {
        return DatasetJson.dataset(resource, properties);
    }
}
