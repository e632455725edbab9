package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.StoredResult;
import io.conshelf.engine.store.Upkeep;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.value.TimeSpanText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Results of queries that are kept for up to a day, for the principal who asked.
final class StoredResultCommands {
    private static final Duration KEPT_MAX = Duration.ofHours(24);
    private static final int COLUMNS_MAX = 500;
    private static final int RESULTS_MAX = 1_000;
    private static final long BYTES_MAX = 20L << 30;
    private static final int PREVIEW_ROWS = 10_000;
    private static final long NANOSECONDS_PER_TICK = 100;
    private static final Set<String> PROPERTIES = Set.of("expiresafter", "previewcount");

    private StoredResultCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("StoredQueryResultSet", Access.onDatabase(Role.VIEWER), PROPERTIES, StoredResultCommands::set);
        registry.on("StoredQueryResultSetOrReplace", Access.onDatabase(Role.VIEWER), PROPERTIES, StoredResultCommands::set);
        registry.on("StoredQueryResultsShow", Access.onDatabase(Role.VIEWER), StoredResultCommands::show);
        registry.on("StoredQueryResultShowSchema", Access.onDatabase(Role.VIEWER), StoredResultCommands::schema);
        registry.on("StoredQueryResultDrop", Access.onDatabase(Role.VIEWER), StoredResultCommands::drop);
        registry.on("StoredQueryResultsDrop", Access.onDatabase(Role.ADMIN), StoredResultCommands::dropOfUser);
    }

    /// The query whose rows a command answers with once it has run: the preview of what it stored.
    ///
    /// @return nothing for other commands, and for those that answer with an operation's id
    static Optional<String> preview(CommandMatch match) {
        boolean stores = match.command().name().startsWith("StoredQueryResultSet");
        if (!stores || match.has("async")) {
            return Optional.empty();
        }
        int rows = previewRows(match);
        String name = match.text("StoredQueryResultName").replace("\\", "\\\\").replace("'", "\\'");
        return Optional.of("stored_query_result('" + name + "')" + (rows == 0 ? "" : " | take " + rows));
    }

    private static int previewRows(CommandMatch match) {
        return Optional.ofNullable(match.properties().get("previewcount")).map(argument -> {
            if (!argument.text().matches("\\d{1,9}")) {
                throw new KustoException(CommandErrors.badArgument(match, "previewCount", "it is a number of rows, 0 for all"));
            }
            return Integer.parseInt(argument.text());
        }).orElse(PREVIEW_ROWS);
    }

    private static CommandResult set(CommandContext context) {
        var match = context.match();
        String name = EntityNames.checked("stored query result", match.text("StoredQueryResultName"));
        boolean replaces = match.command().name().equals("StoredQueryResultSetOrReplace");
        previewRows(match);
        var principal = context.request().principal();
        var before = context.database().upkeep().result(name).filter(r -> !r.hasExpired(context.request().now()));
        if (before.isPresent() && !replaces) {
            if (match.has("ifnotexists") && isOf(before.get(), principal)) {
                return rows(context, List.of(before.get()));
            }
            throw new KustoException(StorageErrors.entityExists("StoredQueryResult", name));
        }
        before.ifPresent(result -> requireOwn(context, result));
        var keptFor = keptFor(context);
        var source = context.services().source(context.request(), match.text("Query"));
        // Two that store under one name wait for each other.
        var lock = new TableId(context.database().id(), "stored result " + name, tableName(name));
        var stored = context.writer().loadAlone(lock, transaction -> {
            try (var reading = context.storage().readWithin(transaction)) {
                var query = context.services().bind(context.request(), source, reading);
                if (query.columns().size() > COLUMNS_MAX) {
                    throw new KustoException(Errors.badRequest("a stored query result has at most " + COLUMNS_MAX
                            + " columns, the query has " + query.columns().size()));
                }
                var table = transaction.resultRows(tableName(name), query.columns());
                var extent = transaction.extents().open(table, Set.of(), transaction.now());
                extent.append(query.sql(), table.columns(), 0);
                extent.measure();
                long bytes = extent.extent().originalBytes();
                if (bytes > BYTES_MAX) {
                    throw new KustoException(Errors.badRequest("a stored query result has at most " + BYTES_MAX
                            + " bytes, this one has " + bytes));
                }
                var result = new StoredResult(
                        UUID.randomUUID(), name, table, principal.fullyQualifiedName(), bytes, extent.extent().rowCount(),
                        transaction.now(), transaction.now().plus(keptFor));
                transaction.database().upkeep().result(name).ifPresent(transaction::discard);
                transaction.setUpkeep(upkeep -> with(context, upkeep, result, replaces));
                return result;
            }
        });
        return rows(context, List.of(stored));
    }

    /// What was looked at before the load may be another one by now.
    private static Upkeep with(CommandContext context, Upkeep upkeep, StoredResult result, boolean replaces) {
        var before = upkeep.result(result.name()).filter(r -> !r.hasExpired(result.createdOn()));
        if (before.isPresent() && !replaces) {
            throw new KustoException(StorageErrors.entityExists("StoredQueryResult", result.name()));
        }
        before.ifPresent(r -> requireOwn(context, r));
        if (upkeep.resultsByName().size() >= RESULTS_MAX && upkeep.result(result.name()).isEmpty()) {
            throw new KustoException(Errors.badRequest("the database keeps " + RESULTS_MAX
                    + " stored query results already: drop some, or wait until they expire"));
        }
        return upkeep.with(result);
    }

    /// Such as no table can have: policies and queries that name tables never meet it.
    private static String tableName(String name) {
        return "stored_query_result('" + name + "')";
    }

    private static Duration keptFor(CommandContext context) {
        return context.property("expiresafter").map(text -> {
            var ticks = TimeSpanText.parse(text.replaceFirst("(?i)^(?:time|timespan)\\((.*)\\)$", "$1"));
            if (ticks.isEmpty() || ticks.getAsLong() <= 0) {
                throw new KustoException(CommandErrors.badArgument(context.match(), "expiresAfter", "'" + text + "' is not a timespan"));
            }
            var wanted = Duration.ofSeconds(
                    ticks.getAsLong() / 10_000_000, ticks.getAsLong() % 10_000_000 * NANOSECONDS_PER_TICK);
            if (wanted.compareTo(KEPT_MAX) > 0) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), "expiresAfter", "a result is kept for 24 hours at most"));
            }
            return wanted;
        }).orElse(KEPT_MAX);
    }

    private static CommandResult show(CommandContext context) {
        var name = context.match().find("StoredQueryResultName").map(argument -> argument.text());
        return rows(context, active(context).stream().filter(r -> name.isEmpty() || name.get().equals(r.name())).toList());
    }

    private static CommandResult schema(CommandContext context) {
        var result = existing(context);
        var columns = JsonNodeFactory.instance.arrayNode();
        result.table().schema().forEach(column ->
                columns.addObject().put("Column", column.name()).put("Type", column.type().toString()));
        return CommandResult.of(context.match().command())
                .row(result.name(), columns.toString())
                .done();
    }

    private static CommandResult drop(CommandContext context) {
        var result = existing(context);
        requireOwn(context, result);
        return dropped(context, List.of(result));
    }

    private static CommandResult dropOfUser(CommandContext context) {
        String wanted;
        try {
            wanted = PrincipalText.read(context.match().text("Principal")).fullyQualifiedName();
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "user", String.valueOf(e.getMessage())), e);
        }
        return dropped(context, active(context).stream()
                .filter(result -> Authorization.names(wanted, new Principal(result.principal(), "", false)))
                .toList());
    }

    private static CommandResult dropped(CommandContext context, List<StoredResult> results) {
        if (!results.isEmpty()) {
            context.change(transaction -> {
                for (var result : results) {
                    // Another may have taken its name meanwhile.
                    if (transaction.database().upkeep().result(result.name()).filter(r -> r.id().equals(result.id())).isPresent()) {
                        transaction.setUpkeep(upkeep -> upkeep.withoutResult(result.name()));
                        transaction.discard(result);
                    }
                }
                return results;
            });
        }
        return rows(context, results);
    }

    private static StoredResult existing(CommandContext context) {
        String name = context.match().text("StoredQueryResultName");
        return active(context).stream()
                .filter(result -> result.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("StoredQueryResult", name)));
    }

    /// Those that have not expired and that one may know: one's own, an administrator's all.
    private static List<StoredResult> active(CommandContext context) {
        var principal = context.request().principal();
        Database database = context.database();
        boolean seesAll = Authorization.holds(principal, database, Role.ADMIN);
        return database.upkeep().resultsByName().values().stream()
                .filter(result -> seesAll || isOf(result, principal))
                .filter(result -> !result.hasExpired(context.request().now()))
                .toList();
    }

    private static boolean isOf(StoredResult result, Principal principal) {
        return result.principal().equalsIgnoreCase(principal.fullyQualifiedName());
    }

    private static void requireOwn(CommandContext context, StoredResult result) {
        if (!isOf(result, context.request().principal())) {
            Authorization.require(context.request().principal(), context.database(), Role.ADMIN);
        }
    }

    private static CommandResult rows(CommandContext context, List<StoredResult> results) {
        var rows = CommandResult.of(CommandCatalogue.service().named("StoredQueryResultsShow").orElseThrow());
        results.forEach(result -> rows.row(
                result.id(), result.name(), context.database().name(), result.principal(), result.bytes(), result.rows(),
                Moments.ticks(result.createdOn()), Moments.ticks(result.expiresOn())));
        return rows.done();
    }
}
