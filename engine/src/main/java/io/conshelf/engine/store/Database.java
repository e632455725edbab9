package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/// What is known of a database at one moment.
///
/// @param id           safe in SQL, where it is the catalogue's name: `d3`
/// @param version      grows with every change of the schema
/// @param entityGroups the databases of each named group, as `cluster('c').database('d')`
/// @param rulesByEntity what is set on functions, views, external tables and columns; tables carry their own
public record Database(
        String id,
        String name,
        String prettyName,
        UUID guid,
        long version,
        SortedMap<String, Table> tablesByName,
        SortedMap<String, StoredFunction> functionsByName,
        Map<PolicyKind, String> policies,
        List<Mapping> mappings,
        List<Grant> grants,
        SortedMap<String, List<String>> entityGroups,
        SortedMap<String, MaterializedView> viewsByName,
        SortedMap<EntityId, EntityRules> rulesByEntity,
        Externals externals,
        Upkeep upkeep,
        GraphModels graphs) {
    public Database {
        tablesByName = Collections.unmodifiableSortedMap(new TreeMap<>(tablesByName));
        functionsByName = Collections.unmodifiableSortedMap(new TreeMap<>(functionsByName));
        policies = Map.copyOf(policies);
        mappings = List.copyOf(mappings);
        grants = List.copyOf(grants);
        entityGroups = Collections.unmodifiableSortedMap(new TreeMap<>(entityGroups));
        viewsByName = Collections.unmodifiableSortedMap(new TreeMap<>(viewsByName));
        rulesByEntity = Collections.unmodifiableSortedMap(new TreeMap<>(rulesByEntity));
    }

    /// In the order of their names.
    public Collection<Table> tables() {
        return tablesByName.values();
    }

    /// Table names are case-sensitive.
    public Optional<Table> table(String name) {
        return Optional.ofNullable(tablesByName.get(name));
    }

    /// A table by its id; the rows of a stored result and of a graph are one as well, and so is the part of a materialized view.
    public Optional<Table> table(TableId id) {
        return Stream.concat(tablesByName.values().stream(), viewsByName.values().stream().flatMap(v -> v.part().stream()))
                .filter(t -> t.id().tableId().equals(id.tableId()))
                .findFirst()
                .or(() -> upkeep.table(id))
                .or(() -> graphs.table(id));
    }

    public Collection<StoredFunction> functions() {
        return functionsByName.values();
    }

    public Optional<StoredFunction> function(String name) {
        return Optional.ofNullable(functionsByName.get(name));
    }

    public Optional<MaterializedView> view(String name) {
        return Optional.ofNullable(viewsByName.get(name));
    }

    public Optional<Mapping> mapping(MappingKind kind, String name) {
        return Mapping.find(mappings, kind, name);
    }

    /// Whether there is a function, view or external table of this kind and name.
    public boolean has(EntityId entity) {
        return switch (entity.kind()) {
            case FUNCTION -> functionsByName.containsKey(entity.name());
            case MATERIALIZED_VIEW -> viewsByName.containsKey(entity.name());
            case EXTERNAL_TABLE -> externals.table(entity.name()).isPresent();
            case GRAPH_MODEL -> graphs.model(entity.name()).isPresent();
            case COLUMN -> rulesByEntity.containsKey(entity);
        };
    }

    /// What is set on an entity that is not a table; nothing where nothing is.
    public EntityRules rules(EntityId entity) {
        return rulesByEntity.getOrDefault(entity, EntityRules.NONE);
    }

    /// The policy set on the database itself.
    public Optional<String> policy(PolicyKind kind) {
        return Optional.ofNullable(policies.get(kind));
    }

    /// The policy that holds for a table: its own, else the database's, else the kind's default.
    public Optional<String> effectivePolicy(Table table, PolicyKind kind) {
        return table.policy(kind).or(() -> policy(kind)).or(kind::defaultPolicy);
    }

    Database withTables(SortedMap<String, Table> tables) {
        return new Database(id, name, prettyName, guid, version, tables, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withTable(Table table) {
        var tables = new TreeMap<>(tablesByName);
        tables.values().removeIf(t -> t.id().tableId().equals(table.id().tableId()));
        tables.put(table.name(), table);
        return withTables(tables);
    }

    Database withoutTable(Table table) {
        var tables = new TreeMap<>(tablesByName);
        tables.remove(table.name());
        return withTables(tables);
    }

    Database withFunctions(SortedMap<String, StoredFunction> functions) {
        return new Database(id, name, prettyName, guid, version, tablesByName, functions, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withPolicies(Map<PolicyKind, String> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, changed, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withMappings(List<Mapping> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, changed, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withGrants(List<Grant> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, changed, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withPrettyName(String changed) {
        return new Database(
                id, name, changed, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withVersion(long changed) {
        return new Database(
                id, name, prettyName, guid, changed, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withEntityGroups(SortedMap<String, List<String>> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, changed, viewsByName,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withViews(SortedMap<String, MaterializedView> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, changed,
                rulesByEntity, externals, upkeep, graphs);
    }

    Database withRules(EntityId entity, EntityRules rules) {
        var changed = new TreeMap<>(rulesByEntity);
        if (rules.isEmpty()) {
            changed.remove(entity);
        } else {
            changed.put(entity, rules);
        }
        return withRules(changed);
    }

    Database withoutRulesOfColumns(Table table) {
        var changed = new TreeMap<>(rulesByEntity);
        changed.keySet().removeIf(e -> e.kind() == EntityId.Kind.COLUMN && e.name().startsWith(EntityId.ofTable(table)));
        return withRules(changed);
    }

    private Database withRules(SortedMap<EntityId, EntityRules> changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                changed, externals, upkeep, graphs);
    }

    Database withExternals(Externals changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, changed, upkeep, graphs);
    }

    Database withUpkeep(Upkeep changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, changed, graphs);
    }

    Database withGraphs(GraphModels changed) {
        return new Database(
                id, name, prettyName, guid, version, tablesByName, functionsByName, policies, mappings, grants, entityGroups, viewsByName,
                rulesByEntity, externals, upkeep, changed);
    }
}
