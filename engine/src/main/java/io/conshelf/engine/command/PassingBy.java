package io.conshelf.engine.command;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.UpdatePolicy;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What reads a table for everybody and keeps what it has read elsewhere, past the policies that decide who sees which rows.
/// So no table has both: whichever of the two comes second is refused.
final class PassingBy {
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

    /// What passes a table's policies by, in words.
    static Optional<String> whatReads(CommandContext context, Table table) {
        var database = context.database();
        var policies = database.tables().stream()
                .filter(target -> UpdatePolicy.of(target).stream().anyMatch(p -> p.reads(table.name())))
                .map(target -> "is the source of the update policy of table '" + target.name() + "'");
        var views = database.viewsByName().values().stream()
                .filter(view -> view.source().equals(table.name()) || view.definition().dimensionTables().contains(table.name()))
                .map(view -> (view.source().equals(table.name()) ? "is the source of" : "is a dimension table of")
                        + " the materialized view '" + view.name() + "'");
        var exports = database.externals().exportsByName().values().stream()
                .filter(export -> reads(context, export, table))
                .map(export -> "is read by the continuous export '" + export.name() + "'");
        return Stream.of(policies, views, exports).flatMap(found -> found).findFirst()
                .map(found -> "table '" + table.name() + "' " + found + ", which would pass the policy by");
    }

    private static boolean reads(CommandContext context, ContinuousExport export, Table table) {
        if (export.scopedTables().contains(table.name())) {
            return true;
        }
        try {
            return context.services().tables(context.request(), context.database(), export.query()).contains(table.id());
        } catch (KustoException _) {
            // It does not bind as things are; its next run finds out whether it may read what it then reads.
            return false;
        }
    }
}
