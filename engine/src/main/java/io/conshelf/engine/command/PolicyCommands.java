package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.command.CommandCatalogue;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Policies of tables, databases and the cluster. `.alter` fills what is left out with defaults, `.alter-merge` keeps it,
/// `.delete` lets the level above decide again. The policies themselves are declared in [PolicyFamilies].
final class PolicyCommands {
    static final String UNSET = "null";

    /// The verb of a command and what it does to the value.
    enum Verb { ALTER, MERGE, DELETE }

    // These hold for every table by the design of the storage and cannot be taken away.
    private static final Set<PolicyKind> NEVER_DELETED = EnumSet.of(PolicyKind.INGESTION_TIME);

    private PolicyCommands() {}

    static void register(CommandRegistry registry) {
        for (var family : PolicyFamilies.ALL) {
            var name = "Policy" + family.keyword();
            on(registry, "ShowTable" + name, Access.toLook(), c -> tableRows(c, family, List.of(c.table())));
            on(registry, "ShowTableStar" + name, Access.toLook(), c -> tableRows(c, family, c.database().tables()));
            on(registry, "AlterTable" + name, alterers(family), c -> changeTables(c, family, Verb.ALTER));
            on(registry, "AlterTables" + name, alterers(family), c -> changeTables(c, family, Verb.ALTER));
            on(registry, "AlterMergeTable" + name, alterers(family), c -> changeTables(c, family, Verb.MERGE));
            if (!NEVER_DELETED.contains(family.kind())) {
                on(registry, "DeleteTable" + name, deleters(family), c -> changeTables(c, family, Verb.DELETE));
            }
            var databaseAdmin = family.kind() == PolicyKind.MANAGED_IDENTITY
                    ? Access.clusterAdministrator() : Access.onDatabase(Role.ADMIN);
            on(registry, "ShowDatabase" + name, Access.toLook(), c -> databaseRows(c, family));
            on(registry, "AlterDatabase" + name, databaseAdmin, c -> changeDatabase(c, family, Verb.ALTER));
            on(registry, "AlterMergeDatabase" + name, databaseAdmin, c -> changeDatabase(c, family, Verb.MERGE));
            on(registry, "DeleteDatabase" + name, databaseAdmin, c -> changeDatabase(c, family, Verb.DELETE));
            on(registry, "ShowMaterializedView" + name, Access.toLook(), c -> viewRow(c, family));
            on(registry, "AlterMaterializedView" + name, alterersOfViews(family), c -> changeView(c, family, Verb.ALTER));
            on(registry, "AlterMergeMaterializedView" + name, Access.onDatabase(Role.ADMIN), c -> changeView(c, family, Verb.MERGE));
            on(registry, "DeleteMaterializedView" + name, alterersOfViews(family), c -> changeView(c, family, Verb.DELETE));
            on(registry, "ShowCluster" + name, Access.clusterMonitor(), c -> clusterRow(c, family));
            on(registry, "AlterCluster" + name, Access.clusterAdministrator(), c -> changeCluster(c, family, Verb.ALTER));
            on(registry, "AlterMergeCluster" + name, Access.clusterAdministrator(), c -> changeCluster(c, family, Verb.MERGE));
            on(registry, "DeleteCluster" + name, Access.clusterAdministrator(), c -> changeCluster(c, family, Verb.DELETE));
        }
        EncodingPolicyCommands.register(registry);
    }

    /// The service does not have every verb of every policy at every level.
    private static void on(CommandRegistry registry, String command, Access access, CommandHandler handler) {
        if (CommandCatalogue.service().named(command).isPresent()) {
            registry.on(command, access, handler);
        }
    }

    private static Access alterers(PolicyFamily family) {
        return switch (family.kind()) {
            case INGESTION_TIME -> Access.onTable(Role.INGESTOR, Role.ADMIN);
            case PARTITIONING -> Access.onDatabase(Role.ADMIN);
            default -> Access.onTable(Role.ADMIN);
        };
    }

    private static Access alterersOfViews(PolicyFamily family) {
        return family.kind() == PolicyKind.ROW_LEVEL_SECURITY ? Access.onDatabase(Role.ADMIN) : Access.onEntity(Role.ADMIN);
    }

    private static Access deleters(PolicyFamily family) {
        return family.kind() == PolicyKind.EXTENT_TAGS_RETENTION
                ? Access.onDatabase(Role.ADMIN) : Access.onTable(Role.ADMIN);
    }

    /// Empty where the level above is to decide again.
    static Optional<String> value(CommandContext context, PolicyFamily family, Verb verb, Optional<String> current) {
        return switch (verb) {
            case DELETE -> Optional.empty();
            case ALTER, MERGE -> Optional.of(family.check().checked(context, family.shape().read(
                    family.kind(), context.match(), verb == Verb.MERGE ? current : Optional.empty())).toString());
        };
    }

    private static CommandResult changeTables(CommandContext context, PolicyFamily family, Verb verb) {
        var names = context.tableNames();
        context.change(transaction -> {
            for (var name : names) {
                var table = transaction.table(name);
                transaction.setPolicy(table, family.kind(), value(context, family, verb, table.policy(family.kind())));
            }
            return names;
        });
        return tableRows(context, family, names.stream().map(context::table).toList());
    }

    private static CommandResult tableRows(CommandContext context, PolicyFamily family, Collection<Table> tables) {
        var rows = CommandResult.of(context.match().command());
        for (var table : tables) {
            rows.row(
                    family.kind().kustoName(), "[" + context.database().name() + "].[" + table.name() + "]",
                    table.policy(family.kind()).orElse(always(family)), NULL, "Table");
        }
        return rows.done();
    }

    private static String always(PolicyFamily family) {
        return family.kind() == PolicyKind.INGESTION_TIME ? "{\"IsEnabled\":true}" : UNSET;
    }

    private static CommandResult changeView(CommandContext context, PolicyFamily family, Verb verb) {
        var view = context.entityId();
        context.change(transaction -> {
            var current = transaction.database().rules(view).policy(family.kind());
            transaction.setPolicy(view, family.kind(), value(context, family, verb, current));
            return view;
        });
        return viewRow(context, family);
    }

    private static CommandResult viewRow(CommandContext context, PolicyFamily family) {
        var view = context.entityId();
        var database = context.database();
        return CommandResult.of(context.match().command())
                .row(
                        family.kind().kustoName(), "[" + database.name() + "].[" + view.name() + "]",
                        database.rules(view).policy(family.kind()).orElse(UNSET), NULL, "MaterializedView")
                .done();
    }

    private static CommandResult changeDatabase(CommandContext context, PolicyFamily family, Verb verb) {
        context.change(transaction -> {
            var value = value(context, family, verb, transaction.database().policy(family.kind()));
            transaction.setPolicy(family.kind(), value);
            return value;
        });
        return databaseRows(context, family);
    }

    private static CommandResult databaseRows(CommandContext context, PolicyFamily family) {
        boolean isAll = context.match().find("DatabaseName").filter(a -> a.kind().equals("word")).isPresent();
        var databases = isAll ? DatabaseCommands.visible(context) : List.of(context.database());
        var rows = CommandResult.of(context.match().command());
        for (var database : databases) {
            rows.row(
                    family.kind().kustoName(), "[" + database.name() + "]", database.policy(family.kind()).orElse(UNSET),
                    names(database.tables().stream().map(Table::name).toList()), "Database");
        }
        return rows.done();
    }

    private static CommandResult changeCluster(CommandContext context, PolicyFamily family, Verb verb) {
        context.storage().clusterPolicies().set(
                family.kind(), value(context, family, verb, context.storage().clusterPolicies().policy(family.kind())));
        return clusterRow(context, family);
    }

    private static CommandResult clusterRow(CommandContext context, PolicyFamily family) {
        return CommandResult.of(context.match().command())
                .row(
                        family.kind().kustoName(), "", context.storage().clusterPolicies().policy(family.kind()).orElse(UNSET),
                        names(context.snapshot().databases().stream().map(Database::name).toList()), "Cluster")
                .done();
    }

    private static String names(List<String> names) {
        var array = JsonNodeFactory.instance.arrayNode();
        names.forEach(array::add);
        return array.toString();
    }
}
