package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.RowLevelSecurity;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.UpdatePolicy;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
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

    /// Why an update policy may not read all of this, in words. It runs as the cluster itself and tells whoever reads its target, so
    /// it keeps to its own database, of which its author is an administrator, and to rows that are hidden from nobody.
    public static Optional<String> notForUpdatePolicies(Database database, Collection<TableId> read) {
        return read.stream().flatMap(id -> notForUpdatePolicies(database, id).stream()).findFirst();
    }

    private static Optional<String> notForUpdatePolicies(Database database, TableId id) {
        if (id.databaseId().equals(Outside.DATABASE)) {
            return Optional.of("the query uses '" + id.name() + "'; update policies read nothing from beyond the cluster");
        }
        if (!id.databaseId().equals(database.id())) {
            return Optional.of("the query reads '" + id.name() + "' of another database; update policies read their own database '"
                    + database.name() + "', as there are no managed identities to read others");
        }
        if (database.table(id.name()).filter(table -> table.id().equals(id)).isPresent()) {
            return hidden(database, List.of(id.name())).map(hidden -> "table " + hidden + ", which an update policy that reads it would pass by");
        }
        boolean isSecured = database.view(id.name()).filter(view -> RowLevelSecurity.query(database, view).isPresent()).isPresent()
                || database.externals().table(id.name()).filter(table -> RowLevelSecurity.query(database, table).isPresent()).isPresent();
        return isSecured
                ? Optional.of("'" + id.name() + "' has a " + PolicyKind.ROW_LEVEL_SECURITY.kustoName()
                        + ", which an update policy that reads it would pass by")
                : Optional.empty();
    }

    /// What passes a table's policies by, in words.
    static Optional<String> whatReads(CommandContext context, Table table) {
        var database = context.database();
        var policies = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> p.reads(table.name())))
                .map(target -> "is the source of the update policy of table '" + target.name() + "'");
        var queries = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> reads(context, p, table)))
                .map(target -> "is read by the update policy of table '" + target.name() + "'");
        var views = database.viewsByName().values().stream()
                .filter(view -> view.source().equals(table.name()) || view.definition().dimensionTables().contains(table.name()))
                .map(view -> (view.source().equals(table.name()) ? "is the source of" : "is a dimension table of")
                        + " the materialized view '" + view.name() + "'");
        var exports = database.externals().exportsByName().values().stream()
                .filter(export -> reads(context, export, table))
                .map(export -> "is read by the continuous export '" + export.name() + "'");
        return Stream.of(policies, queries, views, exports).flatMap(found -> found).findFirst()
                .map(found -> "table '" + table.name() + "' " + found + ", which would pass the policy by");
    }

    private static boolean reads(CommandContext context, UpdatePolicy policy, Table table) {
        return context.database().tables().stream()
                .filter(source -> policy.reads(source.name()))
                .anyMatch(source -> reads(context, policy.query(source.name()), table));
    }

    private static boolean reads(CommandContext context, ContinuousExport export, Table table) {
        return export.scopedTables().contains(table.name()) || reads(context, export.query(), table);
    }

    private static boolean reads(CommandContext context, String query, Table table) {
        try {
            return context.services().tables(context.request(), context.database(), query).contains(table.id());
        } catch (KustoException _) {
            // It does not bind as things are; its next run finds out whether it may read what it then reads.
            return false;
        }
    }
}
