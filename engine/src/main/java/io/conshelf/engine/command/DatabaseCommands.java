package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.kql.command.CommandArgument;
import java.util.List;
import java.util.Locale;

/// Databases.
final class DatabaseCommands {
    private static final String ACCESS_MODE = "ReadWrite";

    private DatabaseCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("CreateDatabase", Access.clusterAdministrator(), DatabaseCommands::create);
        registry.on("DetachDatabase", Access.clusterAdministrator(), DatabaseCommands::drop);
        registry.on("AlterDatabasePrettyName", Access.onDatabase(Role.ADMIN), DatabaseCommands::alterPrettyName);
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
        var database = existing.orElseGet(() -> context.storage().createDatabase(name));
        return CommandResult.of(match.command())
                .row(database.name(), "", "True", true, true)
                .done();
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
        var match = context.match();
        var prettyName = match.text("PrettyName");
        context.change(transaction -> {
            transaction.setPrettyName(prettyName);
            return prettyName;
        });
        return CommandResult.of(match.command()).row(context.database().name(), prettyName).done();
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
        double size = database.tables().stream().mapToDouble(t -> context.statistics(t).originalBytes()).sum();
        rows.row(
                database.name(), "", SchemaText.version(database), isCurrent(context, database), ACCESS_MODE,
                database.prettyName(), PrincipalText.list(database.grants()),
                policy(database, PolicyKind.RETENTION), policy(database, PolicyKind.MERGE), NULL,
                policy(database, PolicyKind.CACHING), policy(database, PolicyKind.SHARDING),
                policy(database, PolicyKind.STREAMING_INGESTION), policy(database, PolicyKind.INGESTION_BATCHING),
                size, database.guid(), "");
    }

    private static String policy(Database database, PolicyKind kind) {
        return database.policy(kind).orElse("null");
    }
}
