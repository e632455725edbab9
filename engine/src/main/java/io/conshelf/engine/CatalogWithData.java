package io.conshelf.engine;

import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.plan.Plan;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A catalog for what is going to be run: it asks for what lies beyond the cluster, and data can be looked at while a query is
/// bound.
record CatalogWithData(Catalog names, Look look, OutsideTables outside) implements Catalog {
    interface Look {
        Optional<List<List<String>>> rows(Plan plan, int rowsMax);
    }

    @Override
    public Optional<List<List<String>>> look(Plan plan, int rowsMax) {
        return look.rows(plan, rowsMax);
    }

    @Override
    public Optional<Table> outside(Outside wanted) {
        return Optional.of(outside.table(wanted));
    }

    @Override
    public boolean isPluginEnabled(String name) {
        return names.isPluginEnabled(name);
    }

    @Override
    public String currentDatabase() {
        return names.currentDatabase();
    }

    @Override
    public boolean isThisCluster(String nameOrUri) {
        return names.isThisCluster(nameOrUri);
    }

    @Override
    public Optional<String> database(String name) {
        return names.database(name);
    }

    @Override
    public Optional<Table> table(String database, TableKind kind, String name) {
        return names.table(database, kind, name);
    }

    @Override
    public Optional<Table> externalTable(String database, String name, String mapping) {
        return names.externalTable(database, name, mapping);
    }

    @Override
    public Optional<Table> materializedPart(String database, String name, OptionalLong ageMaxTicks) {
        return names.materializedPart(database, name, ageMaxTicks);
    }

    @Override
    public Optional<List<String>> entityGroup(String database, String name) {
        return names.entityGroup(database, name);
    }

    @Override
    public Optional<List<String>> databases() {
        return names.databases();
    }

    @Override
    public Optional<StoredGraph> graph(String database, String name, StoredGraph.Wanted wanted) {
        return names.graph(database, name, wanted);
    }

    @Override
    public List<Table> tables(String database, TableKind kind) {
        return names.tables(database, kind);
    }

    @Override
    public Optional<StoredFunction> function(String database, String name) {
        return names.function(database, name);
    }

    @Override
    public List<String> views(String database) {
        return names.views(database);
    }
}
