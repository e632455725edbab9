package io.conshelf.kql.bind;

import java.util.List;

/// One `restrict access to (…)`: what the statements after it may read. Of several, each must allow it.
///
/// @param entities tables, views, functions and graphs of databases
/// @param names    what stands there without a database: also what statements declare, and constructs such as `externaldata`
/// @param declared what statements before it declare that it names; nothing else of such a name is meant
record Restriction(List<Entity> entities, List<String> names, List<Meaning> declared) {
    /// @param name may hold stars
    record Entity(String database, String name) {}

    Restriction {
        entities = List.copyOf(entities);
        names = List.copyOf(names);
        declared = List.copyOf(declared);
    }

    boolean allows(String database, String name) {
        return entities.stream().anyMatch(entity -> entity.database().equalsIgnoreCase(database) && Entities.matches(entity.name(), name));
    }

    boolean allows(Meaning meaning) {
        return declared.stream().anyMatch(one -> one == meaning);
    }

    boolean allowsConstruct(String construct) {
        return names.contains(construct);
    }
}
