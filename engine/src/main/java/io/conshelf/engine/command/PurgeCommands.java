package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.store.Purge;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Purging records for good: asked for in one step or two, carried out in turn, followed by their operations.
final class PurgeCommands {
    private static final Set<String> PROPERTIES = Set.of("noregrets", "verificationtoken");
    private static final List<ColumnSchema> FIRST_STEP = List.of(
            new ColumnSchema("NumRecordsToPurge", Type.LONG),
            new ColumnSchema("EstimatedPurgeExecutionTime", Type.TIMESPAN),
            new ColumnSchema("VerificationToken", Type.STRING));
    private static final List<ColumnSchema> FIRST_STEP_OF_ALL = List.of(new ColumnSchema("VerificationToken", Type.STRING));
    private static final Duration SHOWN = Duration.ofHours(24);
    private static final long ROWS_PER_SECOND = 1_000_000;
    private static final long TICKS_PER_SECOND = 10_000_000;

    private PurgeCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("PurgeTableRecords", Access.onDatabase(Role.ADMIN), PROPERTIES, PurgeCommands::records);
        registry.on("PurgeTableAllRecords", Access.onDatabase(Role.ADMIN), PROPERTIES, PurgeCommands::allRecords);
        registry.on("ShowPurges", Access.anyone(), PurgeCommands::show);
        registry.on("CancelPurge", Access.anyone(), PurgeCommands::cancel);
        registry.on("ShowDatabasePurgeOperation", Access.toLook(), PurgeCommands::ofDatabase);
    }

    // ---- asking for a purge

    private static CommandResult records(CommandContext context) {
        var match = context.match();
        var database = context.database();
        boolean isView = match.find("MaterializedViewName").isPresent();
        String target = match.text(isView ? "MaterializedViewName" : "TableName");
        var predicate = PurgePredicate.check(target, isView, match.text("Predicate"));
        checkTarget(context, database, predicate);
        String token = token(database, isView + "\n" + target + "\n" + predicate.canonical());
        if (isFirstStep(context, token)) {
            long count = count(context, predicate);
            long seconds = 1 + count / ROWS_PER_SECOND;
            return CommandResult.of(FIRST_STEP).row(count, seconds * TICKS_PER_SECOND, token).done();
        }
        bind(context, predicate);
        var purge = scheduled(context, target, isView, predicate.text());
        context.change(transaction -> {
            transaction.setUpkeep(upkeep -> upkeep.with(purge, purge.scheduledOn()));
            return purge;
        });
        context.services().carryOutPurges();
        return rows(List.of(new Found(database, purge)));
    }

    private static void checkTarget(CommandContext context, Database database, PurgePredicate predicate) {
        if (!predicate.isView()) {
            context.table(predicate.target());
            return;
        }
        var view = database.view(predicate.target())
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", predicate.target())));
        var names = predicate.names();
        view.part().ifPresent(part -> view.columns().stream()
                .filter(column -> !part.schema().contains(column))
                .filter(column -> names.contains(column.name()))
                .findFirst()
                .ifPresent(column -> {
                    throw new KustoException(Errors.badRequest(".purge: the predicate cannot use '" + column.name()
                            + "', which the view aggregates; it may use the keys that the view is grouped by"));
                }));
    }

    private static Purge scheduled(CommandContext context, String target, boolean isView, String predicate) {
        var request = context.request();
        return new Purge(
                UUID.randomUUID(), target, isView, predicate, request.now(), request.now(), request.now(), Purge.State.SCHEDULED, "",
                Optional.empty(), Optional.empty(), Duration.ZERO, 0, request.clientRequestId(), request.principal().fullyQualifiedName(),
                false);
    }

    private static BoundQuery counting(CommandContext context, PurgePredicate predicate, Reading reading) {
        var request = inDatabase(context.request(), context.database().name());
        var source = context.services().source(request, predicate.count()).after(predicate.beforeCount());
        return context.services().bind(request, source, reading);
    }

    /// So that what cannot be bound is refused before it is queued.
    private static void bind(CommandContext context, PurgePredicate predicate) {
        try (var connection = context.services().connect();
                var reading = context.storage().read(connection)) {
            counting(context, predicate, reading);
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("The predicate cannot be checked", e), e);
        }
    }

    private static long count(CommandContext context, PurgePredicate predicate) {
        try (var connection = context.services().connect();
                var reading = context.storage().read(connection)) {
            var query = counting(context, predicate, reading);
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery(query.sql())) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("The records to purge cannot be counted", e), e);
        }
    }

    /// Data management ignores the database that a request comes with, and what it says of queries: those rows are counted that are going to be deleted.
    private static Request inDatabase(Request request, String database) {
        var options = new HashMap<>(request.options());
        options.keySet().removeIf(name -> name.startsWith("query_"));
        return new Request(
                request.principal(), database, request.clientRequestId(), request.activityId(), options, request.parameters(),
                request.application(), request.user(), request.now(), request.timeout(), request.isReadOnly());
    }

    /// Drops the table; what it held is erased from the file like purged records.
    private static CommandResult allRecords(CommandContext context) {
        var database = context.database();
        var table = context.table();
        String token = token(database, "all\n" + table.id().tableId());
        if (isFirstStep(context, token)) {
            return CommandResult.of(FIRST_STEP_OF_ALL).row(token).done();
        }
        var now = context.request().now();
        var purge = scheduled(context, table.name(), false, "allrecords")
                .begun(UUID.randomUUID(), now)
                .ended(Purge.State.COMPLETED, "Purge completed successfully (storage artifacts pending deletion)", Duration.ZERO, now);
        context.storage().seal(database.name());
        context.change(transaction -> {
            transaction.dropTable(transaction.table(table.name()));
            transaction.setUpkeep(upkeep -> upkeep.with(purge, now));
            return table;
        });
        context.services().carryOutPurges();
        var rows = CommandResult.of(context.match().command());
        context.database().tables().stream().filter(t -> !t.isHidden()).forEach(
                t -> rows.row(t.name(), database.name(), t.folder(), t.docString()));
        return rows.done();
    }

    /// Whether a token is only asked for.
    private static boolean isFirstStep(CommandContext context, String token) {
        if (context.isTrue("noregrets")) {
            return false;
        }
        var given = context.property("verificationtoken");
        if (given.isPresent() && !given.get().equals(token)) {
            throw new KustoException(Errors.badRequest(
                    ".purge: the verification token was given for another purge: run the command without it for a new one"));
        }
        return given.isEmpty();
    }

    /// The same purge has the same token, so that the second step may come after a restart.
    private static String token(Database database, String what) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(
                    (database.guid() + "\n" + what).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    // ---- following it

    private record Found(Database database, Purge purge) {}

    /// Of the databases that one administers, or of the one that is named.
    private static List<Found> known(CommandContext context) {
        var named = context.match().find("DatabaseName").map(argument -> context.database(argument.text()));
        named.ifPresent(database -> Authorization.require(context.request().principal(), database, Role.ADMIN));
        var found = new ArrayList<Found>();
        for (var database : named.map(List::of).orElseGet(() -> List.copyOf(context.snapshot().databases()))) {
            if (Authorization.holds(context.request().principal(), database, Role.ADMIN)) {
                database.upkeep().purges().forEach(purge -> found.add(new Found(database, purge)));
            }
        }
        return found;
    }

    private static CommandResult show(CommandContext context) {
        var id = context.match().find("OperationId").map(argument -> id(context, argument.text()));
        Instant from = moment(context, "Start").orElseGet(() -> context.request().now().minus(SHOWN));
        Instant to = moment(context, "End").orElse(Instant.MAX);
        return rows(known(context).stream()
                .filter(found -> id.isPresent()
                        ? id.get().equals(found.purge().id())
                        : !found.purge().scheduledOn().isBefore(from) && !found.purge().scheduledOn().isAfter(to))
                .toList());
    }

    private static CommandResult ofDatabase(CommandContext context) {
        var database = context.database(context.match().text("databaseName"));
        var id = context.match().find("obj").map(argument -> id(context, argument.text()));
        return rows(database.upkeep().purges().stream()
                .filter(purge -> id.isEmpty() || id.get().equals(purge.id()) || purge.engineOperation().equals(id))
                .map(purge -> new Found(database, purge))
                .toList());
    }

    /// Takes back those that have not begun; the answer tells what became of all of them.
    private static CommandResult cancel(CommandContext context) {
        var id = context.match().find("OperationId").map(argument -> id(context, argument.text()));
        var meant = known(context).stream().filter(found -> id.isEmpty() || id.get().equals(found.purge().id())).toList();
        if (id.isPresent() && meant.isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("Purge operation", id.get().toString()));
        }
        var now = context.request().now();
        var after = new ArrayList<Found>();
        for (var found : meant) {
            var state = found.purge().state() != Purge.State.SCHEDULED
                    ? found.purge()
                    : context.storage().writer(found.database().name()).change(transaction -> {
                        var current = transaction.database().upkeep().purge(found.purge().id()).orElse(found.purge());
                        if (current.state() != Purge.State.SCHEDULED) {
                            return current;
                        }
                        var canceled = current.ended(Purge.State.CANCELED, "", Duration.ZERO, now);
                        transaction.setUpkeep(upkeep -> upkeep.with(canceled, now));
                        return canceled;
                    });
            after.add(new Found(found.database(), state));
        }
        return rows(after);
    }

    private static UUID id(CommandContext context, String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "OperationId", "'" + text + "' is not the id of a purge"), e);
        }
    }

    private static Optional<Instant> moment(CommandContext context, String argument) {
        return context.match().find(argument).map(a -> {
            var ticks = DateTimeText.parse(a.text());
            if (ticks.isEmpty()) {
                throw new KustoException(CommandErrors.badArgument(context.match(), argument, "'" + a.text() + "' is not a datetime"));
            }
            return Moments.instant(ticks.getAsLong());
        });
    }

    private static CommandResult rows(List<Found> all) {
        var rows = CommandResult.of(CommandCatalogue.service().named("ShowPurges").orElseThrow());
        for (var found : all) {
            var purge = found.purge();
            rows.row(
                    purge.id(), found.database().name(), purge.target(), Moments.ticks(purge.scheduledOn()),
                    ticks(Duration.between(purge.scheduledOn(), purge.updatedOn())), Moments.ticks(purge.updatedOn()),
                    purge.engineOperation().<Object>map(id -> id).orElse(CommandResult.NULL), purge.state().kustoName(), purge.details(),
                    purge.engineStartedOn().<Object>map(Moments::ticks).orElse(CommandResult.NULL),
                    purge.engineOperation().isEmpty() ? CommandResult.NULL : ticks(purge.engineDuration()), purge.retries(),
                    purge.clientRequestId(), purge.principal());
        }
        return rows.done();
    }

    private static Object ticks(Duration duration) {
        return duration.isNegative() ? 0L : duration.toNanos() / 100;
    }
}
