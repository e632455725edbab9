package io.conshelf.engine;

import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.GraphDefinition;
import io.conshelf.engine.store.GraphSnapshot;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.RowLevelSecurity;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Catalog.Definition.Purpose;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.plan.Plan.TableId;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// What a principal's queries can name, as storage knew it at one moment: a database it may not read is as if it were not there.
///
/// @param isKept whether it is a query that is kept, to be asked again by others
record CatalogSnapshot(Snapshot snapshot, String currentDatabase, Principal principal, boolean isKept) implements Catalog {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    CatalogSnapshot(Snapshot snapshot, String currentDatabase, Principal principal) {
        this(snapshot, currentDatabase, principal, false);
    }

    @Override
    public boolean isThisCluster(String nameOrUri) {
        String text = nameOrUri.strip().toLowerCase(Locale.ROOT);
        if (LOOPBACK.contains(text)) {
            return true;
        }
        try {
            String host = URI.create(text.contains("://") ? text : "http://" + text).getHost();
            return host != null && LOOPBACK.contains(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Override
    public boolean isPluginEnabled(String name) {
        return !snapshot.disabledPlugins().contains(name);
    }

    @Override
    public Optional<String> database(String name) {
        return readable(name).map(Database::name);
    }

    @Override
    public Optional<Table> table(String database, TableKind kind, String name) {
        return switch (kind) {
            case TABLE -> readable(database)
                    .flatMap(d -> d.table(name).filter(t -> Authorization.mayRead(principal, d, t)).map(t -> table(d, t)));
            case MATERIALIZED_VIEW -> readable(database).flatMap(d -> d.view(name).map(view -> view(d, view)));
            case EXTERNAL -> externalTable(database, name, "");
            // Whoever may not have asked the query does not see what it gave.
            case STORED_RESULT -> readable(database)
                    .flatMap(d -> d.upkeep().result(name))
                    .filter(result -> result.principal().equalsIgnoreCase(principal.fullyQualifiedName()))
                    .map(result -> new Table(result.table().id(), TableKind.STORED_RESULT, result.table().schema()));
        };
    }

    @Override
    public Optional<Table> externalTable(String database, String name, String mapping) {
        return readable(database).flatMap(d -> d.externals().table(name).map(table -> external(d, table, mapping)));
    }

    @Override
    public List<Table> tables(String database, TableKind kind) {
        return switch (kind) {
            case TABLE -> readable(database).stream()
                    .flatMap(d -> d.tables().stream().filter(t -> Authorization.mayRead(principal, d, t)).map(t -> table(d, t)))
                    .toList();
            case MATERIALIZED_VIEW -> readable(database).stream()
                    .flatMap(d -> d.viewsByName().values().stream().map(view -> view(d, view)))
                    .toList();
            case EXTERNAL -> readable(database).stream()
                    .flatMap(d -> d.externals().tablesByName().values().stream().map(table -> external(d, table, "")))
                    .toList();
            case STORED_RESULT -> List.of();
        };
    }

    @Override
    public Optional<StoredFunction> function(String database, String name) {
        return readable(database)
                .flatMap(d -> d.function(name))
                .map(f -> new StoredFunction(f.name(), f.parameters(), f.body(), f.isView()));
    }

    @Override
    public List<String> views(String database) {
        return readable(database).stream()
                .flatMap(d -> d.functions().stream())
                .filter(io.conshelf.engine.store.StoredFunction::isView)
                .map(io.conshelf.engine.store.StoredFunction::name)
                .toList();
    }

    @Override
    public Optional<List<String>> entityGroup(String database, String name) {
        return readable(database).flatMap(d -> Optional.ofNullable(d.entityGroups().get(name)));
    }

    @Override
    public Optional<List<String>> databases() {
        return isKept ? Optional.empty()
                : Optional.of(snapshot.databases().stream().map(Database::name).filter(name -> readable(name).isPresent()).sorted().toList());
    }

    @Override
    public Optional<StoredGraph> graph(String database, String name, StoredGraph.Wanted wanted) {
        return readable(database).flatMap(d -> d.graphs().model(name).flatMap(model -> switch (wanted) {
            case StoredGraph.Wanted.Latest _ -> model.newestSnapshot().map(CatalogSnapshot::kept)
                    .or(() -> Optional.of(GraphDefinition.read(d.name(), name, model.newest().definition())));
            case StoredGraph.Wanted.Named(String snapshot) -> model.snapshot(snapshot).map(CatalogSnapshot::kept);
            case StoredGraph.Wanted.Transient _ -> Optional.of(GraphDefinition.read(d.name(), name, model.newest().definition()));
        }));
    }

    private static StoredGraph kept(GraphSnapshot snapshot) {
        return new StoredGraph.Snapshot(
                new Table(snapshot.nodes().id(), TableKind.STORED_RESULT, snapshot.nodes().schema()),
                new Table(snapshot.edges().id(), TableKind.STORED_RESULT, snapshot.edges().schema()));
    }

    private Optional<Database> readable(String name) {
        return snapshot.database(name).filter(database -> Authorization.holds(principal, database, Role.VIEWER));
    }

    private static Table table(Database database, io.conshelf.engine.store.Table table) {
        return new Table(table.id(), TableKind.TABLE, table.schema(),
                RowLevelSecurity.of(table).map(rule -> security(database, rule)));
    }

    private static Table external(Database database, ExternalTable table, String mapping) {
        return new Table(table.id(database.id(), mapping), TableKind.EXTERNAL, table.schema(),
                RowLevelSecurity.of(database, table).map(rule -> security(database, rule)));
    }

    @Override
    public Optional<Table> materializedPart(String database, String name, OptionalLong ageMaxTicks) {
        return readable(database).flatMap(d -> d.view(name).map(view -> view.part().isEmpty()
                ? view(d, view)
                : new Table(
                        new TableId(d.id(), StoredRelations.partId(view, ageMaxTicks), view.name()), TableKind.MATERIALIZED_VIEW,
                        view.columns(), security(d, view).toList())));
    }

    private static Table view(Database database, MaterializedView view) {
        return view.part().isEmpty()
                ? new Table(
                        new TableId(database.id(), "view " + view.name(), view.name()), TableKind.MATERIALIZED_VIEW, List.of(),
                        Stream.concat(security(database, view), Stream.of(new Definition(Purpose.VIEW, database.name(), view.wholeQuery()))).toList())
                : new Table(
                        new TableId(database.id(), StoredRelations.wholeId(view), view.name()), TableKind.MATERIALIZED_VIEW,
                        view.columns(), security(database, view).toList());
    }

    private static Stream<Definition> security(Database database, MaterializedView view) {
        return RowLevelSecurity.of(database, view).map(rule -> security(database, rule)).stream();
    }

    private static Definition security(Database database, RowLevelSecurity.Rule rule) {
        return new Definition(rule.isOn() ? Purpose.ROW_LEVEL_SECURITY : Purpose.ROW_LEVEL_SECURITY_OFF, database.name(), rule.query());
    }
}
