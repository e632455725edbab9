package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.ClusterRole;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.TableStatistics;
import io.conshelf.kql.command.CommandArgument;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Databases.
final class DatabaseCommands {
    private static final String ACCESS_MODE = "ReadWrite";

    private DatabaseCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateDatabase", new Access.OnCluster(ClusterRole.DATABASE_CREATOR), DatabaseCommands::create);
        registry.on("DetachDatabase", Access.clusterAdministrator(), DatabaseCommands::drop);
        registry.on("AlterDatabasePrettyName", Access.onDatabase(Role.ADMIN), DatabaseCommands::alterPrettyName);
        registry.on("DropDatabasePrettyName", Access.onDatabase(Role.ADMIN), c -> setPrettyName(c, ""));
        registry.on("ShowClusterDatabasesIdentity", Access.anyone(), DatabaseCommands::showAll);
        registry.on("ShowClusterDatabasesPolicies", Access.anyone(), c -> each(c, visible(c), DatabaseCommands::policiesRow));
        registry.on("ShowDatabasePolicies", Access.toLook(), c -> each(c, List.of(c.database()), DatabaseCommands::policiesRow));
        registry.on("ShowClusterDatabasesDataStats", Access.anyone(), c -> each(c, visible(c), DatabaseCommands::statisticsRow));
        registry.on("ShowDatabaseDataStats", Access.toLook(), c -> each(c, List.of(c.database()), DatabaseCommands::statisticsRow));
        registry.on("ShowClusterDatabasesMetadata", Access.anyone(), c -> each(c, visible(c), DatabaseCommands::metadataRow));
        registry.on("ShowDatabaseMetadata", Access.toLook(), c -> each(c, List.of(c.database()), DatabaseCommands::metadataRow));
        registry.on("ShowClusterDatabases", Access.anyone(), DatabaseCommands::showAll);
        registry.on("ShowClusterDatabasesDetails", Access.anyone(), DatabaseCommands::showAllDetails);
        registry.on("ShowDatabase", Access.toLook(), DatabaseCommands::show);
        registry.on("ShowDatabaseDetails", Access.toLook(), DatabaseCommands::showDetails);
        registry.on("ShowDatabaseIdentity", Access.toLook(), DatabaseCommands::showIdentity);
    }

    private static CommandResult create(CommandContext context) {
        var match = context.match();
        var name = match.text("DatabaseName");
        var existing = context.snapshot().database(name).filter(_ -> match.has("ifnotexists"));
        var database = existing.orElseGet(() -> made(context, name));
        return CommandResult.of(match.command())
                .row(database.name(), "", "True", true, true)
                .done();
    }

    private static Database made(CommandContext context, String name) {
        var database = context.storage().createDatabase(name);
        var owner = Authorization.ofCreator(context.request().principal());
        if (!owner.isEmpty()) {
            context.storage().writer(name).change(transaction -> {
                transaction.setGrants(owner);
                return owner;
            });
        }
        return database;
    }

    private static CommandResult drop(CommandContext context) {
        var match = context.match();
        var name = match.text("DatabaseName");
        if (!match.has("drop")) {
            throw new KustoException(Errors.notSupported("'.detach database': '.drop database' drops it with its data"));
        }
        var rows = CommandResult.of(match.command());
        if (context.snapshot().database(name).isEmpty() && match.has("ifexists")) {
            return rows.done();
        }
        var database = context.database(name);
        for (var table : database.tables()) {
            rows.row(table.name(), Long.toString(context.statistics(table).extents()));
        }
        context.storage().dropDatabase(name);
        return rows.done();
    }

    private static CommandResult alterPrettyName(CommandContext context) {
        return setPrettyName(context, context.match().text("PrettyName"));
    }

    private static CommandResult setPrettyName(CommandContext context, String prettyName) {
        context.change(transaction -> {
            transaction.setPrettyName(prettyName);
            return prettyName;
        });
        return CommandResult.of(context.match().command()).row(context.database().name(), prettyName).done();
    }

    /// The databases that the command names and the principal may know.
    static List<Database> visible(CommandContext context) {
        var named = context.match().arguments().stream()
                .filter(a -> a.name().equals("DatabaseName") && !a.kind().equals("word"))
                .map(CommandArgument::text)
                .toList();
        return context.snapshot().databases().stream()
                .filter(database -> named.isEmpty() || named.stream().anyMatch(n -> matches(database.name(), n)))
                .filter(database -> Authorization.mayKnow(context.request().principal(), database))
                .toList();
    }

    private static boolean matches(String name, String wildcard) {
        if (!wildcard.contains("*")) {
            return name.equalsIgnoreCase(wildcard);
        }
        var parts = wildcard.toLowerCase(Locale.ROOT).split("\\*", -1);
        var lower = name.toLowerCase(Locale.ROOT);
        int at = 0;
        for (int i = 0; i < parts.length; i++) {
            int found = i == parts.length - 1 && i > 0
                    ? Math.max(at, lower.length() - parts[i].length())
                    : lower.indexOf(parts[i], at);
            if (found < 0 || i == 0 && found != 0 || !lower.startsWith(parts[i], found)) {
                return false;
            }
            at = found + parts[i].length();
        }
        return at == lower.length() || wildcard.endsWith("*");
    }

    private static CommandResult showAll(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        visible(context).forEach(database -> identityRow(rows, context, database));
        return rows.done();
    }

    private static CommandResult show(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        identityRow(rows, context, context.database());
        return rows.done();
    }

    private static CommandResult showIdentity(CommandContext context) {
        return show(context);
    }

    private static void identityRow(CommandResult.Rows rows, CommandContext context, Database database) {
        rows.row(
                database.name(), "", SchemaText.version(database), isCurrent(context, database), ACCESS_MODE,
                database.prettyName(), context.request().principal().isAdministrator(), database.guid(), "");
    }

    private static boolean isCurrent(CommandContext context, Database database) {
        return database.name().equalsIgnoreCase(context.request().database());
    }

    private static CommandResult showAllDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        visible(context).forEach(database -> detailsRow(rows, context, database));
        return rows.done();
    }

    private static CommandResult showDetails(CommandContext context) {
        var rows = CommandResult.of(context.match().command());
        detailsRow(rows, context, context.database());
        return rows.done();
    }

    private static void detailsRow(CommandResult.Rows rows, CommandContext context, Database database) {
        double size = database.tables().stream().mapToDouble(t -> context.statistics(t).originalBytes()).sum()
                * context.storage().storedPart(database);
        rows.row(
                database.name(), "", SchemaText.version(database), isCurrent(context, database), ACCESS_MODE,
                database.prettyName(), principals(context, database),
                policy(database, PolicyKind.RETENTION), policy(database, PolicyKind.MERGE), NULL,
                policy(database, PolicyKind.CACHING), policy(database, PolicyKind.SHARDING),
                policy(database, PolicyKind.STREAMING_INGESTION), policy(database, PolicyKind.INGESTION_BATCHING),
                size, database.guid(), "");
    }

    private interface DatabaseRow {
        void add(CommandResult.Rows rows, CommandContext context, Database database);
    }

    private static CommandResult each(CommandContext context, List<Database> databases, DatabaseRow row) {
        var rows = CommandResult.of(context.match().command());
        databases.forEach(database -> row.add(rows, context, database));
        return rows.done();
    }

    private static void policiesRow(CommandResult.Rows rows, CommandContext context, Database database) {
        rows.row(
                database.name(), "", SchemaText.version(database), isCurrent(context, database), ACCESS_MODE,
                database.prettyName(), database.guid(), principals(context, database),
                policy(database, PolicyKind.RETENTION), policy(database, PolicyKind.MERGE),
                policy(database, PolicyKind.CACHING), policy(database, PolicyKind.SHARDING),
                policy(database, PolicyKind.STREAMING_INGESTION), policy(database, PolicyKind.INGESTION_BATCHING));
    }

    /// Everything is at hand, so all of it counts as hot; what compression and indexes take is not known.
    private static void statisticsRow(CommandResult.Rows rows, CommandContext context, Database database) {
        var tables = database.tables().stream().map(context::statistics).toList();
        double size = tables.stream().mapToDouble(TableStatistics::originalBytes).sum();
        long count = tables.stream().mapToLong(TableStatistics::rows).sum();
        boolean isUnrestricted = Authorization.holds(context.request().principal(), database, Role.UNRESTRICTED_VIEWER);
        var cells = new ArrayList<Object>(List.of(
                database.name(), "", SchemaText.version(database), isCurrent(context, database), ACCESS_MODE,
                database.prettyName()));
        // One of the two commands has this column.
        if (context.match().command().output().orElseThrow().stream().anyMatch(c -> c.name().endsWith("IsUnrestrictedViewer"))) {
            cells.add(isUnrestricted);
        }
        cells.addAll(List.of(
                database.guid(), size, size, size, NULL, count, size, size, size, NULL, count));
        rows.row(cells.toArray());
    }

    private static void metadataRow(CommandResult.Rows rows, CommandContext context, Database database) {
        rows.row(database.name(), SchemaText.version(database), "", "", ACCESS_MODE);
    }

    /// Those who do but one thing in a database are not told who else does what.
    private static String principals(CommandContext context, Database database) {
        boolean isLooking = Authorization.holds(context.request().principal(), database, Role.VIEWER, Role.MONITOR, Role.UNRESTRICTED_VIEWER);
        return PrincipalText.list(isLooking ? database.grants() : List.of());
    }

    private static String policy(Database database, PolicyKind kind) {
        return database.policy(kind).orElse("null");
    }
}
