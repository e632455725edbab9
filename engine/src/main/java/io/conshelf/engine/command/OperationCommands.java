package io.conshelf.engine.command;

import static io.conshelf.engine.command.CommandResult.NULL;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What commands have been run, how they ended, and what those answered that nobody waited for.
final class OperationCommands {
    private static final String NODE = "node0";

    private OperationCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("ShowOperations", Access.anyone(), OperationCommands::show);
        registry.on("ShowOperationDetails", Access.anyone(), OperationCommands::showDetails);
        registry.on("ShowJournal", Access.anyone(), c -> journal(c, Optional.empty()));
        registry.on("ShowDatabaseJournal", Access.anyone(), c -> journal(c, Optional.of(c.database().name())));
        registry.on("ShowClusterJournal", Access.clusterAdministrator(), c -> journal(c, Optional.empty()));
        registry.on("ShowIngestionFailures", Access.anyone(), OperationCommands::showIngestionFailures);
        registry.on("ShowCapacity", Access.toLook(), OperationCommands::showCapacity);
        registry.on("ClearTableCacheStreamingIngestionSchema", Access.onTable(Role.INGESTOR, Role.ADMIN), c -> {
            c.table();
            return succeeded(c);
        });
        registry.on("ClearDatabaseCacheStreamingIngestionSchema", Access.onDatabase(Role.INGESTOR, Role.ADMIN),
                OperationCommands::succeeded);
        registry.on("ClearDatabaseCacheQueryResults", Access.onDatabase(Role.ADMIN), c ->
                CommandResult.of(c.match().command()).row(NODE, 0L).done());
        registry.on("ShowDatabaseCacheQueryResults", Access.toLook(), c ->
                CommandResult.of(c.match().command()).row(NODE, 0L, 0L, 0L, 0L, 0L).done());
    }

    /// Everybody sees their own; administrators of a database see all of it.
    private static boolean isVisible(CommandContext context, Operation operation) {
        var principal = context.request().principal();
        return principal.isAdministrator()
                || operation.principal().isSameAs(principal)
                || context.snapshot().database(operation.database())
                        .filter(database -> Authorization.holds(principal, database, Role.ADMIN))
                        .isPresent();
    }

    private static List<Operation> visible(CommandContext context) {
        return context.services().operations().all().stream().filter(o -> isVisible(context, o)).toList();
    }

    private static CommandResult show(CommandContext context) {
        var ids = new LinkedHashSet<UUID>();
        context.match().texts("OperationId").forEach(text -> ids.add(id(context, text)));
        var rows = CommandResult.of(context.match().command());
        for (var operation : visible(context)) {
            if (ids.isEmpty() || ids.contains(operation.id())) {
                rows.row(
                        operation.id(), operation.type(), NODE, Moments.ticks(operation.startedOn()),
                        Moments.ticks(operation.startedOn().plus(operation.duration())), operation.duration().toNanos() / 100,
                        operation.state().serviceName(), operation.error().map(e -> e.message()).orElse(""),
                        operation.activityId(), operation.error().filter(e -> !e.isPermanent()).isPresent(),
                        operation.database(), operation.principal().fullyQualifiedName(), operation.user(), NULL, "");
            }
        }
        return rows.done();
    }

    private static UUID id(CommandContext context, String text) {
        try {
            return UUID.fromString(text.replaceFirst("(?i)^guid\\((.*)\\)$", "$1"));
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "operation", "'" + text + "' is not the id of an operation"), e);
        }
    }

    /// The answer that the operation would have given to who waited for it.
    private static CommandResult showDetails(CommandContext context) {
        var id = id(context, context.match().text("OperationId"));
        var operation = context.services().operations().find(id)
                .filter(o -> isVisible(context, o))
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("Operation", id.toString())));
        return switch (operation.state()) {
            case IN_PROGRESS -> throw new KustoException(Errors.badRequest("operation " + id + " still runs"));
            case FAILED -> throw new KustoException(operation.error().orElseThrow());
            case COMPLETED -> operation.result().orElseThrow(() -> new KustoException(Errors.badRequest(
                    "the result of operation " + id + " is not kept: it was not started with 'async'")));
        };
    }

    /// What changed entities: every command that ended well and did more than show or ingest.
    private static CommandResult journal(CommandContext context, Optional<String> database) {
        var rows = CommandResult.of(context.match().command());
        for (var operation : visible(context)) {
            boolean changed = operation.state() == Operation.State.COMPLETED
                    && !operation.isIngestion() && !operation.type().endsWith("Show");
            if (changed && database.filter(name -> !name.equalsIgnoreCase(operation.database())).isEmpty()) {
                rows.row(
                        operation.type(), Moments.ticks(operation.startedOn().plus(operation.duration())), operation.database(),
                        operation.table(), "", "", "", "", "", operation.text(), operation.principal().fullyQualifiedName(),
                        operation.activityId(), operation.clientRequestId(), operation.user(), "");
            }
        }
        return rows.done();
    }

    private static CommandResult showIngestionFailures(CommandContext context) {
        var only = context.match().find("OperationId").map(a -> id(context, a.text()));
        var rows = CommandResult.of(context.match().command());
        for (var operation : visible(context)) {
            if (operation.isIngestion() && operation.error().isPresent() && only.filter(id -> !id.equals(operation.id())).isEmpty()) {
                var error = operation.error().get();
                rows.row(
                        operation.id(), operation.database(), operation.table(),
                        Moments.ticks(operation.startedOn().plus(operation.duration())), "", error.message(),
                        error.isPermanent() ? "Permanent" : "Transient", operation.activityId(), operation.type(), false, error.code(),
                        operation.principal().fullyQualifiedName(), !error.isPermanent(), operation.user(), "");
            }
        }
        UpdatePolicyCommands.addFailures(context, only, rows);
        return rows.done();
    }

    /// What is limited here; the service's other resources are not.
    private static CommandResult showCapacity(CommandContext context) {
        var limits = context.services().limits();
        var resource = context.match().find("Resource").map(a -> a.text());
        var rows = CommandResult.of(context.match().command());
        long ingestions = visible(context).stream()
                .filter(o -> o.isIngestion() && o.state() == Operation.State.IN_PROGRESS)
                .count();
        long queries = RequestCommands.runningQueries(context);
        if (resource.isEmpty() || resource.get().equals("ingestions")) {
            capacity(rows, "ingestions", limits.concurrentCommands(), ingestions, "CapacityPolicy/Ingestion");
        }
        if (resource.isEmpty() || resource.get().equals("queries")) {
            capacity(rows, "queries", limits.concurrentQueries(), queries, "WorkloadGroup/default");
        }
        return rows.done();
    }

    private static void capacity(CommandResult.Rows rows, String resource, long total, long consumed, String origin) {
        rows.row(resource, total, consumed, Math.max(0, total - consumed), origin);
    }

    /// There is no such cache: what a change made is known to every request that comes after it.
    private static CommandResult succeeded(CommandContext context) {
        return CommandResult.of(context.match().command()).row(NODE, "Succeeded").done();
    }
}
