package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.RowLevelSecurity;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.UpdatePolicy;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What reads a table for everybody and keeps what it has read elsewhere, past the policies that decide who sees which rows.
/// So no table has both: whichever of the two comes second is refused.
public final class PassingBy {
    private static final List<PolicyKind> HIDING = List.of(PolicyKind.RESTRICTED_VIEW_ACCESS, PolicyKind.ROW_LEVEL_SECURITY);

    private PassingBy() {}

    /// The policy that hides rows of the table from some of its readers.
    static Optional<PolicyKind> hiding(Table table) {
        return HIDING.stream().filter(kind -> Authorization.isEnabled(table, kind)).findFirst();
    }

    /// Which of these tables has rows hidden, with the policy that hides them, in words.
    static Optional<String> hidden(Database database, Collection<String> tables) {
        return tables.stream()
                .flatMap(name -> database.table(name).stream())
                .flatMap(table -> hiding(table).map(kind -> "'" + table.name() + "' has a " + kind.kustoName()).stream())
                .findFirst();
    }

    /// What tells whoever reads what it makes, mostly run as the cluster itself.
    public enum Reader {
        UPDATE_POLICY("an update policy", "update policies"), MATERIALIZED_VIEW("a materialized view", "materialized views"),
        /// It is made as whoever asks for it, and tells all readers of the database.
        GRAPH_SNAPSHOT("a graph snapshot", "graph snapshots");

        private final String one;
        private final String all;

        Reader(String one, String all) {
            this.one = one;
            this.all = all;
        }
    }

    /// Why such a reader may not read all of this, in words. It keeps to its own database, of which its author is an administrator, and to
    /// rows that are hidden from nobody.
    public static Optional<String> refusal(Reader reader, Database database, Collection<TableId> read) {
        return read.stream().flatMap(id -> refusal(reader, database, id).stream()).findFirst();
    }

    private static Optional<String> refusal(Reader reader, Database database, TableId id) {
        if (id.databaseId().equals(Outside.DATABASE)) {
            return Optional.of("the query uses '" + id.name() + "'; " + reader.all + " read nothing from beyond the cluster");
        }
        if (!id.databaseId().equals(database.id())) {
            return Optional.of("the query reads '" + id.name() + "' of another database; " + reader.all + " read their own database '"
                    + database.name() + "', as there are no managed identities to read others");
        }
        if (isTable(database, id)) {
            return hidden(database, List.of(id.name())).map(hidden -> "table " + hidden + ", which " + reader.one + " that reads it would pass by");
        }
        if (database.upkeep().resultsByName().values().stream().anyMatch(result -> result.table().id().tableId().equals(id.tableId()))) {
            return Optional.of("the query reads the stored query result '" + id.name() + "', which " + reader.one + " would show to others");
        }
        return RowLevelSecurity.isOn(database, id)
                ? Optional.of("'" + id.name() + "' has a " + PolicyKind.ROW_LEVEL_SECURITY.kustoName()
                        + ", which " + reader.one + " that reads it would pass by")
                : Optional.empty();
    }

    /// Whose rows they have: themselves, what a view that is read is made of, and what a graph that is read was made of.
    static List<TableId> origins(Database database, Collection<TableId> read) {
        return read.stream().flatMap(id -> origins(database, id)).distinct().toList();
    }

    private static Stream<TableId> origins(Database database, TableId id) {
        var graph = database.graphs().snapshotOf(id);
        if (graph.isPresent()) {
            return graph.get().reads().stream();
        }
        var view = isTable(database, id) ? Optional.<MaterializedView>empty() : database.view(id.name());
        // A view keeps its part when it is given another name.
        var part = view.flatMap(MaterializedView::part).map(table -> new TableId(database.id(), table.id().tableId(), id.name()));
        return Stream.concat(Stream.concat(Stream.of(id), part.stream()), view.stream()
                .flatMap(v -> Stream.concat(Stream.of(v.source()), v.definition().dimensionTables().stream()))
                .flatMap(name -> database.table(name).map(Table::id)
                        .or(() -> database.view(name).map(source -> new TableId(database.id(), "", name))).stream())
                .flatMap(source -> origins(database, source)));
    }

    private static boolean isTable(Database database, TableId id) {
        return database.table(id.name()).filter(table -> table.id().equals(id)).isPresent();
    }

    /// A snapshot keeps what it has read, whatever its model and what that calls have come to mean.
    private static Stream<String> graphs(Database database, Predicate<TableId> isIt) {
        return database.graphs().byName().values().stream().flatMap(model -> model.snapshotsByName().values().stream()
                .filter(snapshot -> snapshot.reads().stream().anyMatch(isIt))
                .map(snapshot -> "is read by the snapshot '" + snapshot.name() + "' of the graph model '" + model.name() + "'"));
    }

    /// What passes a table's policies by, in words.
    static Optional<String> whatReads(CommandContext context, Table table) {
        var database = context.database();
        var policies = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> p.reads(table.name())))
                .map(target -> "is the source of the update policy of table '" + target.name() + "'");
        var queries = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> reads(context, p, table.id()::equals)))
                .map(target -> "is read by the update policy of table '" + target.name() + "'");
        var views = database.viewsByName().values().stream()
                .filter(view -> view.source().equals(table.name()) || view.definition().dimensionTables().contains(table.name()))
                .map(view -> (view.source().equals(table.name()) ? "is the source of" : "is a dimension table of")
                        + " the materialized view '" + view.name() + "'");
        var exports = database.externals().exportsByName().values().stream()
                .filter(export -> reads(context, export, table))
                .map(export -> "is read by the continuous export '" + export.name() + "'");
        // A table keeps its id when it is given another name.
        var graphs = graphs(database, id -> id.tableId().equals(table.id().tableId()));
        return Stream.of(policies, queries, views, exports, graphs).flatMap(found -> found).findFirst()
                .map(found -> "table '" + table.name() + "' " + found + ", which would pass the policy by");
    }

    /// What passes the policies of a view, or of an external table, by. Continuous exports read neither.
    static Optional<String> whatReads(CommandContext context, EntityId entity) {
        var database = context.database();
        // Both the whole view and its part are known by its name, which no table has.
        var part = entity.kind() == EntityId.Kind.MATERIALIZED_VIEW
                ? database.view(entity.name()).flatMap(MaterializedView::part).map(table -> table.id().tableId())
                : Optional.<String>empty();
        Predicate<TableId> isPart = id -> part.filter(id.tableId()::equals).isPresent();
        Predicate<TableId> isIt = id -> id.databaseId().equals(database.id()) && id.name().equals(entity.name()) && !isTable(database, id);
        var queries = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> reads(context, p, isIt)))
                .map(target -> "is read by the update policy of table '" + target.name() + "'");
        var views = database.viewsByName().values().stream()
                .filter(view -> !view.name().equals(entity.name()) && reads(context, view.query(), isIt))
                .map(view -> "is read by the materialized view '" + view.name() + "'");
        return Stream.of(queries, views, graphs(database, isIt.or(isPart))).flatMap(found -> found).findFirst()
                .map(found -> "'" + entity.name() + "' " + found + ", which would pass the policy by");
    }

    private static boolean reads(CommandContext context, UpdatePolicy policy, Predicate<TableId> isIt) {
        return context.database().tables().stream()
                .filter(source -> policy.reads(source.name()))
                .anyMatch(source -> reads(context, policy.query(source.name()), isIt));
    }

    private static boolean reads(CommandContext context, ContinuousExport export, Table table) {
        return export.scopedTables().contains(table.name()) || reads(context, export.query(), table.id()::equals);
    }

    private static boolean reads(CommandContext context, String query, Predicate<TableId> isIt) {
        try {
            return context.services().tables(context.request(), context.database(), query).stream().anyMatch(isIt);
        } catch (KustoException _) {
            // It does not bind as things are; its next run finds out whether it may read what it then reads.
            return false;
        }
    }
}
